"""The messages, in one SQLite file."""

import os

from sqlalchemy import DateTime, Integer, String, create_engine, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ["DATABASE_URL"], connect_args={"timeout": 5})


@event.listens_for(engine, "connect")
def use_write_ahead_log(connection, _record):
    """Readers, the data-processor among them, do not wait for the writer."""
    connection.execute("PRAGMA journal_mode=WAL")


class Base(DeclarativeBase):
    pass


class Message(Base):
    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    author: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(2000))
    at: Mapped[str] = mapped_column(DateTime, server_default=func.now())

    def as_dict(self):
        return {"id": self.id, "author": self.author, "text": self.text, "at": self.at.isoformat()}


def create_tables():
    Base.metadata.create_all(engine)


def count():
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(Message))


def after(number):
    with Session(engine) as session:
        rows = session.scalars(select(Message).where(Message.id > number).order_by(Message.id).limit(200))
        return [message.as_dict() for message in rows]


def add(author, text):
    with Session(engine) as session:
        message = Message(author=author, text=text)
        session.add(message)
        session.commit()
        return message.as_dict()
