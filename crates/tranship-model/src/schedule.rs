//! When a service runs that runs at set times.

/// The times at which a service runs to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Minute, hour, day, month and day of the week, or a word such as `@daily` or `@every 90m`.
    pub cron: String,
    /// The time zone of those times, such as `Europe/Berlin`.
    pub time_zone: String,
    /// What happens when a run is due and the one before is not over.
    pub overlap: Overlap,
    /// The service whose image it runs, where it was made from one.
    pub image_of: Option<String>,
}

/// What happens when a run is due and the one before is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Both run.
    Allow,
    /// The new one is left out.
    Skip,
    /// The old one is ended.
    Replace,
}
