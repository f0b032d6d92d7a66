//! Pages, probes, schemas, and errors in one form.

use crate::pretend::start;
use crate::raw::{exchange, get, post};

#[test]
fn errors_of_the_router_itself_are_typed_too() {
    let server = start(|config| config.limits.http_body_bytes = 256);
    let address = server.addr();
    let answer = get(address, "/no/such/page");
    assert_eq!((answer.status, answer.error().as_str()), (404, "not_found"));
    let answer = post(address, "/healthz", "{}");
    assert_eq!((answer.status, answer.error().as_str()), (405, "method_not_allowed"));
    let answer = post(address, "/v1/rooms", &format!("{{\"game\":\"{}\"}}", "x".repeat(300)));
    assert_eq!((answer.status, answer.error().as_str()), (413, "body_too_large"));
    let answer =
        exchange(address, b"POST /v1/rooms HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}");
    assert_eq!((answer.status, answer.error().as_str()), (415, "unsupported_media_type"));
    let answer = get(address, "/v1/rooms?gam=x");
    assert_eq!((answer.status, answer.error().as_str()), (400, "bad_query"));
    let answer = get(address, "/v1/rooms/%ff");
    assert_eq!((answer.status, answer.error().as_str()), (400, "bad_path"));
    server.stop().unwrap();
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let server = start(|config| config.limits.http_body_ms = 100);
    let request = b"POST /v1/rooms HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
        content-length: 20\r\n\r\n{";
    let answer = exchange(server.addr(), request);
    assert_eq!((answer.status, answer.error().as_str()), (408, "body_timeout"));
    server.stop().unwrap();
}

#[test]
fn pages_of_other_sites_may_not_act_unless_they_are_listed() {
    let server = start(|config| config.origins = vec!["https://studio.example".into()]);
    let address = server.addr();
    let join = |origin: &str| {
        let body = r#"{"name":"Ada"}"#;
        let request = format!(
            "POST /v1/rooms/main/join HTTP/1.1\r\nhost: {address}\r\norigin: {origin}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        exchange(address, request.as_bytes())
    };
    assert_eq!(join("https://evil.example").error(), "origin_not_allowed");
    let allowed = join("https://studio.example");
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://studio.example"));
    assert_eq!(join(&format!("http://{address}")).status, 200);
    let preflight = format!(
        "OPTIONS /v1/rooms/main/join HTTP/1.1\r\nhost: {address}\r\n\
         origin: https://studio.example\r\naccess-control-request-method: POST\r\n\r\n"
    );
    assert_eq!(exchange(address, preflight.as_bytes()).status, 204);
    server.stop().unwrap();
}

#[test]
fn games_schemas_probes_and_metrics_answer() {
    let server = start(|_| ());
    let address = server.addr();
    let games = get(address, "/v1/games").json();
    let hash = games["games"][0]["schema_hash"].as_str().unwrap().to_owned();
    let schema = get(address, &format!("/v1/schemas/{hash}"));
    assert_eq!(schema.json()["protocol"], 1);
    assert!(schema.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(get(address, "/v1/schemas/ffff").error(), "schema_not_found");
    let hash = games["games"][0]["prior_hash"].as_str().unwrap().to_owned();
    let prior = get(address, &format!("/v1/priors/{hash}"));
    assert_eq!((prior.status, &prior.body[..]), (200, &crate::pretend::prior()[..]));
    assert_eq!(prior.header("content-type"), Some("application/octet-stream"));
    assert!(prior.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(get(address, "/v1/priors/ffff").error(), "prior_not_found");
    assert_eq!(get(address, "/healthz").body, b"ok\n");
    assert_eq!(get(address, "/readyz").body, b"ready\n");
    assert!(get(address, "/metrics").header("content-type").unwrap().contains("version=0.0.4"));
    server.stop().unwrap();
}

#[test]
fn files_come_from_the_named_folder_with_tag_and_policy() {
    let folder = std::env::temp_dir().join(format!("tickwire-assets-{}", std::process::id()));
    for (path, text) in [
        ("web/skirmish/index.html", "<!doctype html>"),
        ("web/sdk/tickwire.js", "export {};"),
        ("web/secret/x.js", "no route leads here"),
        ("maps/depot.json", "{}"),
    ] {
        let file = folder.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let server = start(|config| config.assets = folder.display().to_string());
    let address = server.addr();
    let page = get(address, "/");
    assert_eq!(page.body, b"<!doctype html>");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let etag = page.header("etag").unwrap();
    let request = format!("GET / HTTP/1.1\r\nhost: x\r\nif-none-match: {etag}\r\n\r\n");
    assert_eq!(exchange(address, request.as_bytes()).status, 304);
    let module = get(address, "/sdk/tickwire.js");
    assert_eq!(module.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(get(address, "/assets/maps/depot.json").body, b"{}");
    for path in ["/secret/x.js", "/sdk/../secret/x.js", "/sdk/%2e%2e/secret/x.js", "/sdk/none.js"] {
        assert_eq!(get(address, path).status, 404, "{path}");
    }
    server.stop().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
