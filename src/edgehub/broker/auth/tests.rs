use chrono::Duration;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::*;
use crate::base::Clock;
use crate::identity::{Authority, SigningKey, sas, self_signed_client};

const HOSTS: [&str; 2] = ["hub.example", "127.3.0.2"];

fn now() -> Timestamp {
    Clock::fixed_at(1_790_000_000).expect("time").now()
}

fn connect(identity: &Identity, credential: Credential) -> Connect {
    let peer = "127.0.0.1:4".parse().expect("address");
    Connect { identity: identity.clone(), credential, clean_session: false, auth_chain: None, client_type: String::new(), peer }
}

fn token(host: &str, identity: &Identity, key: &SigningKey, seconds: i64) -> Credential {
    Credential::SasToken(sas::sign(&sas::resource_of(host, Some(identity)), key, now() + Duration::seconds(seconds), None))
}

fn certificate(pem: &str) -> Credential {
    Credential::Certificate(CertificateDer::pem_slice_iter(pem.as_bytes()).map(|der| der.expect("PEM").to_vec()).collect())
}

fn decide(connect: &Connect, known: Option<&KnownIdentity>, device: Option<&KnownIdentity>, bundle: &str) -> Result<&'static str, Verdict> {
    judge(connect, &Grounds { known, device, hosts: &HOSTS, trust_bundle: bundle, now: now() })
}

#[track_caller]
fn refused(judged: Result<&'static str, Verdict>, reason: &str, permanent: bool, doubtful: bool) {
    let verdict = judged.expect_err(reason);
    assert!(verdict.reason.starts_with(reason), "{verdict:?}");
    assert_eq!((verdict.permanent, verdict.doubtful), (permanent, doubtful), "{verdict:?}");
}

#[test]
fn tokens_of_every_good_kind_are_taken_and_bad_ones_say_why() {
    let key = || SigningKey::generate().expect("key");
    let (primary, secondary, of_device, other) = (key(), key(), key(), key());
    let (module, device) = (Identity::module("Edge-1", "filter"), Identity::device("Edge-1"));
    let known = KnownIdentity::with_keys(module.clone(), "1", primary.clone(), Some(secondary.clone()));
    let parent = KnownIdentity::with_keys(device, "1", of_device.clone(), None);
    let decide = |credential: Credential| decide(&connect(&module, credential), Some(&known), Some(&parent), "");
    for good in [&primary, &secondary, &of_device] {
        assert_eq!(decide(token("HUB.example", &module, good, 9)), Ok("sas"));
    }
    assert_eq!(
        decide(token("127.3.0.2", &Identity::module("edge-1", "FILTER"), &primary, 9)),
        Ok("sas"),
        "a gateway's name, ids in any case"
    );
    refused(decide(token("hub.example", &module, &other, 9)), "bad key: ", true, true);
    refused(decide(token("hub.example", &module, &primary, 0)), "token expired at 2026-09-21T", true, false);
    let elsewhere =
        "wrong audience: the token is for `other/devices/Edge-1/modules/filter`, not for `hub.example/devices/Edge-1/modules/filter`";
    refused(decide(token("other", &module, &primary, 9)), elsewhere, true, false);
    refused(decide(token("hub.example", &Identity::device("Edge-1"), &primary, 9)), "wrong audience: ", true, false);
    refused(decide(Credential::SasToken("secret".into())), "malformed token: ", true, false);
    refused(decide(Credential::Nothing), "neither a token nor a client certificate", true, false);
}

#[test]
fn who_is_unknown_disabled_or_nested_is_told_so() {
    let key = SigningKey::generate().expect("key");
    let (leaf, module) = (Identity::device("leaf-1"), Identity::module("leaf-1", "m"));
    let good = connect(&leaf, token("hub.example", &leaf, &key, 9));
    refused(decide(&good, None, None, ""), "not in the scope of this device", true, true);
    let known = KnownIdentity::with_keys(leaf.clone(), "1", key.clone(), None);
    let disabled = KnownIdentity { enabled: false, ..known.clone() };
    refused(decide(&good, Some(&disabled), None, ""), "`leaf-1` is disabled in the hub", true, true);
    let of_module = KnownIdentity::with_keys(module.clone(), "1", key.clone(), None);
    let with_module = connect(&module, token("hub.example", &module, &key, 9));
    refused(decide(&with_module, Some(&of_module), Some(&disabled), ""), "`leaf-1` is disabled in the hub", true, true);
    let nested = Connect { auth_chain: Some("leaf-1;edge-2;edge-1".into()), ..good.clone() };
    refused(decide(&nested, Some(&known), None, ""), "nested edge: ", false, false);
    let blank = Connect { auth_chain: Some(String::new()), ..good };
    assert_eq!(decide(&blank, Some(&known), None, ""), Ok("sas"));
}

#[test]
fn certificates_sign_leaf_devices_in_by_thumbprint() {
    let leaf = Identity::device("leaf-1");
    let made = self_signed_client("anything", now(), Duration::days(2)).expect("made");
    let read = Certificate::of_pem(&made.chain_pem).expect("read");
    let by = |thumbprints: &[&str]| KnownIdentity {
        sign_in: SignIn::Thumbprints(thumbprints.iter().map(ToString::to_string).collect()),
        ..KnownIdentity::with_keys(leaf.clone(), "1", SigningKey::generate().expect("key"), None)
    };
    let shown = connect(&leaf, certificate(&made.chain_pem));
    for known in [by(&[&read.sha1]), by(&["00", &read.sha1]), by(&[&read.sha256])] {
        assert_eq!(decide(&shown, Some(&known), None, ""), Ok("x509-thumbprint"));
    }
    refused(decide(&shown, Some(&by(&["00"])), None, ""), &format!("thumbprint unknown: the certificate has {}", read.sha1), true, true);
    let old = self_signed_client("leaf-1", now() - Duration::days(9), Duration::days(2)).expect("made");
    let print = Certificate::of_pem(&old.chain_pem).expect("read").sha1;
    refused(
        decide(&connect(&leaf, certificate(&old.chain_pem)), Some(&by(&[&print])), None, ""),
        "certificate expired at 2026-09-",
        true,
        false,
    );
    let young = self_signed_client("leaf-1", now() + Duration::days(9), Duration::days(2)).expect("made");
    let print = Certificate::of_pem(&young.chain_pem).expect("read").sha1;
    refused(
        decide(&connect(&leaf, certificate(&young.chain_pem)), Some(&by(&[&print])), None, ""),
        "certificate is not valid before",
        true,
        false,
    );
    let damaged = connect(&leaf, Credential::Certificate(vec![b"rubbish".to_vec()]));
    refused(decide(&damaged, Some(&by(&["00"])), None, ""), "the certificate is damaged", true, false);
    let key = SigningKey::generate().expect("key");
    refused(decide(&connect(&leaf, token("hub.example", &leaf, &key, 9)), Some(&by(&["00"])), None, ""), "a token was shown", true, true);
}

#[test]
fn certificates_sign_leaf_devices_in_by_authority() {
    let folder = tempfile::tempdir().expect("folder");
    let authority = Authority::open_or_create(&folder.path().join("a"), now()).expect("authority");
    let stranger = Authority::open_or_create(&folder.path().join("b"), now()).expect("authority");
    let leaf = Identity::device("leaf-1");
    let key = SigningKey::generate().expect("key");
    let keyed = KnownIdentity::with_keys(leaf.clone(), "1", key.clone(), None);
    let known = KnownIdentity { sign_in: SignIn::Authority, ..keyed.clone() };
    let issued = |authority: &Authority, name: &str, at: Timestamp| {
        let made = authority.issue_client(name, at, Duration::days(2)).expect("issued");
        connect(&leaf, certificate(&made.chain_pem))
    };
    let bundle = authority.root_pem();
    assert_eq!(decide(&issued(&authority, "leaf-1", now()), Some(&known), None, bundle), Ok("x509-ca"));
    refused(
        decide(&issued(&authority, "leaf-2", now()), Some(&known), None, bundle),
        "the certificate is for `leaf-2`, not for `leaf-1`",
        true,
        false,
    );
    let end = "the chain of the certificate does not end at the trust bundle";
    refused(decide(&issued(&stranger, "leaf-1", now()), Some(&known), None, bundle), end, true, false);
    refused(
        decide(&issued(&authority, "leaf-1", now() - Duration::days(9)), Some(&known), None, bundle),
        "certificate expired at",
        true,
        false,
    );
    refused(decide(&issued(&authority, "leaf-1", now()), Some(&keyed), None, bundle), "a certificate was shown", true, true);
    let nothing = KnownIdentity { sign_in: SignIn::Nothing, ..keyed };
    refused(decide(&issued(&authority, "leaf-1", now()), Some(&nothing), None, bundle), "the hub has no credential", true, true);
    let module = Identity::module("edge-1", "filter");
    let of_module = KnownIdentity::with_keys(module.clone(), "1", key, None);
    let shown = Connect { identity: module, ..issued(&authority, "filter", now()) };
    refused(decide(&shown, Some(&of_module), None, bundle), "modules do not sign in by X.509", true, false);
}
