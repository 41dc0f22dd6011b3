//! Which dialect a mounted file is written in, by the product that reads it and the place it is mounted at.

/// The configuration formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// A Caddyfile.
    Caddy,
    /// Envoy's bootstrap in YAML or JSON.
    Envoy,
    /// HAProxy.
    HaProxy,
    /// Apache httpd.
    Httpd,
    /// nginx, and products that embed it.
    Nginx,
    /// Prometheus and agents that share its format.
    Prometheus,
    /// Traefik's static and dynamic files, YAML or TOML.
    Traefik,
}

impl Dialect {
    /// The product's name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Caddy => "Caddy",
            Self::Envoy => "Envoy",
            Self::HaProxy => "HAProxy",
            Self::Httpd => "httpd",
            Self::Nginx => "nginx",
            Self::Prometheus => "Prometheus",
            Self::Traefik => "Traefik",
        }
    }

    /// Whether its product passes requests on to the hosts it names.
    pub fn routes(self) -> bool {
        !matches!(self, Self::Prometheus)
    }
}

/// The dialect of a file: `product` is the catalog's name of what reads it, `target` its path in the container.
///
/// The path decides; a product alone decides only for files of its usual extension.
pub fn dialect(product: Option<&str>, target: &str, text: &str) -> Option<Dialect> {
    let path = target.to_ascii_lowercase();
    let file = path.rsplit('/').next().unwrap_or(&path);
    let plain = file.strip_suffix(".template").or_else(|| file.strip_suffix(".tmpl")).unwrap_or(file);
    let ends = |list: &[&str]| list.iter().any(|end| plain.ends_with(end));
    let product = product.unwrap_or("");
    if plain.starts_with("caddyfile") || ends(&[".caddyfile"]) {
        return Some(Dialect::Caddy);
    }
    if ends(&["haproxy.cfg", "haproxy.conf"]) || product.contains("haproxy") && ends(&[".cfg", ".conf"]) {
        return Some(Dialect::HaProxy);
    }
    if path.contains("/nginx") || path.contains("/openresty") || product.contains("nginx") {
        let other = ends(&[".html", ".js", ".css", ".json", ".yml", ".yaml", ".crt", ".key", ".pem", ".sh", ".lua"]);
        return (!other && looks_like_nginx(text)).then_some(Dialect::Nginx);
    }
    if plain.starts_with("envoy") && ends(&[".yaml", ".yml", ".json"])
        || (product.contains("envoy") || path.contains("/envoy/")) && ends(&[".yaml", ".yml", ".json"])
    {
        return Some(Dialect::Envoy);
    }
    if (path.contains("traefik") || product.contains("traefik")) && ends(&[".yaml", ".yml", ".toml"]) {
        return Some(Dialect::Traefik);
    }
    if plain.starts_with("prometheus") && ends(&[".yaml", ".yml"])
        || text.contains("scrape_configs:") && ends(&[".yaml", ".yml"])
    {
        return Some(Dialect::Prometheus);
    }
    let apache = path.contains("/apache2") || path.contains("/httpd") || path.contains("httpd.conf");
    if (apache || product == "httpd") && ends(&[".conf", ".vhost"]) {
        return Some(Dialect::Httpd);
    }
    (ends(&[".conf"]) && looks_like_nginx(text) && text.contains("_pass")).then_some(Dialect::Nginx)
}

/// Whether a text has a directive only nginx has.
fn looks_like_nginx(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    lines.any(|line| {
        let word = line.split([' ', '\t', '{', ';']).next().unwrap_or("");
        let known = ["server", "upstream", "location", "http", "stream", "resolver", "map", "set", "include", "events"];
        known.contains(&word) || word.ends_with("_pass") && line.ends_with(';')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_and_product_tell_the_dialect() {
        for (product, target, text, expect) in [
            (Some("nginx"), "/etc/nginx/conf.d/default.conf", "server {}", Some(Dialect::Nginx)),
            (Some("nginx"), "/usr/share/nginx/html/index.html", "server", None),
            (None, "/etc/nginx/templates/default.conf.template", "server {}", Some(Dialect::Nginx)),
            (None, "/opt/app.conf", "[server]\nport=1", None),
            (None, "/etc/caddy/Caddyfile", "", Some(Dialect::Caddy)),
            (None, "/usr/local/etc/haproxy/haproxy.cfg", "", Some(Dialect::HaProxy)),
            (Some("traefik"), "/dynamic.yml", "", Some(Dialect::Traefik)),
            (None, "/etc/traefik/traefik.toml", "", Some(Dialect::Traefik)),
            (None, "/etc/prometheus/prometheus.yml", "", Some(Dialect::Prometheus)),
            (None, "/etc/agent.yml", "scrape_configs:\n", Some(Dialect::Prometheus)),
            (None, "/etc/envoy/envoy.yaml", "", Some(Dialect::Envoy)),
            (Some("httpd"), "/usr/local/apache2/conf/httpd.conf", "", Some(Dialect::Httpd)),
        ] {
            assert_eq!(dialect(product, target, text), expect, "{target}");
        }
    }
}
