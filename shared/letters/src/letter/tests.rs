use domain::identity::SecurityEventKind;

use super::*;

const LANGUAGES: [Language; 2] = [Language::En, Language::Ko];

fn topics() -> Vec<Topic> {
    let letters = [
        Topic::Verification,
        Topic::PasswordReset,
        Topic::ExportReady,
        Topic::Erased,
        Topic::OrderTransferAwaited,
        Topic::OrderPaid,
        Topic::OrderPaymentFailed,
        Topic::OrderRefunded,
        Topic::OrderDisputed,
        Topic::PaymentFailed,
        Topic::PaymentReminder,
        Topic::PaymentLastReminder,
        Topic::SubscriptionLapsed,
        Topic::Enrolled,
        Topic::CertificateReady,
        Topic::CoursePublished,
        Topic::ReviewReplied,
        Topic::VideoReady,
        Topic::VideoFailed,
        Topic::VersionReady,
        Topic::VersionFailed,
        Topic::Digest,
    ];
    let events = SecurityEventKind::ALL.into_iter().filter(|kind| kind.mails()).map(Topic::Event);
    letters.into_iter().chain(events).collect()
}

fn write(topic: Topic, language: Language, details: &Details) -> Letter {
    Writer::new().unwrap().write(topic, language, details).unwrap()
}

fn full() -> Details {
    Details {
        first_name: "Ada".into(),
        last_name: "Lovelace".into(),
        hours: 24,
        days: 30,
        provider: Some("google".into()),
        role: Some(Role::Instructor),
        status: Some(UserStatus::Suspended),
        order: Some("ORD-2026-A00001".into()),
        amount: Some("89.99 USD".into()),
        account: None,
        course: Some("Rust for Everyone".into()),
        video: Some("Ownership".into()),
        plan: Some("Premium".into()),
        ends: Some("8 June 2026, 12:00 (UTC)".into()),
        time: Some("1 June 2026, 12:00 (UTC)".into()),
        device_info: Some("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0".into()),
        address: Some("203.0.113.7".into()),
        link: Some("https://learn.example/x?token=abc".into()),
        unsubscribe: None,
        listed: Vec::new(),
        more: false,
    }
}

/// HTML as a browser reads its escapes.
fn shown(html: &str) -> String {
    html.replace("&#x2f;", "/")
}

#[test]
fn every_mail_is_whole_in_every_language_with_and_without_details() {
    for language in LANGUAGES {
        let mut subjects = std::collections::BTreeSet::new();
        for topic in topics() {
            for details in [full(), Details::default()] {
                let letter = write(topic, language, &details);
                assert!(!letter.subject.is_empty() && !letter.subject.contains('\n'), "{topic:?}");
                let words: Vec<_> = letter.text.lines().filter(|line| !line.is_empty()).collect();
                assert!(words.len() >= 4, "{topic:?} {language:?}: {}", letter.text);
                assert!(letter.html.contains(&format!("<html lang=\"{}\">", language.as_str())));
                for text in [&letter.text, &letter.html] {
                    assert!(
                        !text.contains("{{") && !text.contains("{%") && !text.contains("\n\n\n"),
                        "{text}"
                    );
                }
                let printed = |word: &str| letter.text.contains(word);
                assert!(!printed("undefined") && !printed("none"), "{topic:?}: {}", letter.text);
                let hangul = letter.text.chars().any(|c| ('가'..='힣').contains(&c));
                assert_eq!(hangul, language == Language::Ko, "{topic:?}: {}", letter.text);
                // Without details, titles are missing in some of them.
                if details.order.is_some() {
                    subjects.insert((letter.subject, topic.as_str()));
                }
            }
        }
        let mut names: Vec<_> = subjects.iter().map(|(subject, _)| subject).collect();
        names.dedup();
        assert_eq!(names.len(), topics().len(), "each mail has its own subject");
    }
}

#[test]
fn a_notice_names_time_device_and_address_and_says_what_to_do() {
    for (language, device, advice) in [
        (Language::En, "Firefox on Linux", "set a new password now"),
        (Language::Ko, "Linux의 Firefox", "새 비밀번호를 설정하세요"),
    ] {
        let letter = write(Topic::Event(SecurityEventKind::NewDevice), language, &full());
        for text in [&letter.text, &shown(&letter.html)] {
            for part in [
                "1 June 2026, 12:00 (UTC)",
                device,
                "203.0.113.7",
                "https://learn.example/x?token=abc",
                advice,
            ] {
                assert!(text.contains(part), "{part} is not in {text}");
            }
        }
    }
    let deleted = write(Topic::Event(SecurityEventKind::Deleted), Language::En, &full()).text;
    assert!(deleted.contains("for 30 days") && deleted.contains("Restore my account:"), "{deleted}");
    let role = write(Topic::Event(SecurityEventKind::RoleChanged), Language::Ko, &full()).text;
    assert!(role.contains("현재 역할: 강사"), "{role}");
}

#[test]
fn what_a_user_wrote_is_text_in_html_and_one_line_in_text() {
    let details = Details {
        first_name: "<img src=x onerror=alert(1)>\r\nBcc: e@f.example".into(),
        provider: Some("<b>".into()),
        link: Some("https://learn.example/?a=1&b=\"><script>".into()),
        ..full()
    };
    let letter = write(Topic::Event(SecurityEventKind::SocialLinked), Language::En, &details);
    for markup in ["<img", "<b>", "<script"] {
        assert!(!letter.html.contains(markup), "{}", letter.html);
    }
    assert!(letter.html.contains("&lt;img src"), "{}", letter.html);
    assert!(letter.text.contains("Hello <img src=x onerror=alert(1)>  Bcc: e@f.example,"), "{}", letter.text);
}

#[test]
fn a_stranger_can_put_no_words_into_a_mail() {
    let details = Details { device_info: Some("Visit https://evil.example".into()), ..full() };
    let letter = write(Topic::Event(SecurityEventKind::LoginFailedLockout), Language::En, &details);
    assert!(!letter.text.contains("evil") && letter.text.contains("Device: unknown"), "{}", letter.text);
}

#[test]
fn a_mail_that_can_be_stopped_says_how() {
    let stop = "https://learn.example/api/v1/users/unsubscribe?token=t";
    let details = Details { unsubscribe: Some(stop.into()), ..full() };
    let letter = write(Topic::ExportReady, Language::En, &details);
    assert!(letter.text.contains(&format!("No more mails of this kind: {stop}")), "{}", letter.text);
    assert!(letter.html.contains("No more mails of this kind</a>"), "{}", letter.html);
    assert!(!write(Topic::PasswordReset, Language::En, &full()).text.contains("No more mails"));
}

#[test]
fn every_notification_has_a_title_and_a_text_in_every_language() {
    let writer = Writer::new().unwrap();
    for language in LANGUAGES {
        let mut titles = std::collections::BTreeSet::new();
        for notice in Notice::samples() {
            let note = writer.note(&notice, language, "Asia/Seoul").unwrap();
            for text in [&note.title, &note.text] {
                assert!(!text.is_empty() && !text.contains(['\n', '{', '}']), "{notice:?}: {text}");
                assert!(!text.contains("undefined") && !text.contains("none"), "{notice:?}: {text}");
            }
            let hangul = note.text.chars().any(|c| ('가'..='힣').contains(&c));
            assert_eq!(hangul, language == Language::Ko, "{notice:?}: {}", note.text);
            titles.insert(note.title);
        }
        assert_eq!(titles.len(), Notice::samples().len(), "each has its own title");
    }
}

#[test]
fn a_notification_says_what_its_mail_says() {
    let writer = Writer::new().unwrap();
    let notice = Notice::SecurityEvent {
        event: SecurityEventKind::RoleChanged,
        provider: None,
        role: Some(Role::Instructor),
        status: None,
    };
    let note = writer.note(&notice, Language::En, "").unwrap();
    let letter = write(Topic::from(&notice), Language::En, &Details::of(&notice, Language::En, ""));
    assert_eq!(note.title, letter.subject);
    assert_eq!(note.text, "Your role on LearnFlow was changed: you are now an instructor.");
    assert!(letter.text.contains(&note.text));
    let awaited = Notice::OrderTransferAwaited {
        order_id: kernel::Id::of_text("order"),
        order: "ORD-2026-A00001".into(),
        amount: "89.99 USD".into(),
        pay_by: "2026-06-08T12:00:00Z".parse().unwrap(),
    };
    assert_eq!(
        writer.note(&awaited, Language::En, "Asia/Seoul").unwrap().text,
        "Please transfer 89.99 USD for your order ORD-2026-A00001 by 8 June 2026, 21:00 (Asia/Seoul, UTC+09:00). \
         The account is in our mail."
    );
}

#[test]
fn a_digest_lists_a_line_each() {
    let listed = vec!["Your receipt: Thank you.".to_owned(), "<b>A reply</b>: Read it.".to_owned()];
    for (more, beginning) in [(false, "You have not read this yet:"), (true, "These are the newest")] {
        let letter = write(
            Topic::Digest,
            Language::En,
            &Details { listed: listed.clone(), more, ..Details::default() },
        );
        assert!(letter.text.contains(beginning), "{}", letter.text);
        assert!(
            letter.text.contains("\n\nYour receipt: Thank you.\n\n<b>A reply</b>: Read it.\n\n"),
            "{}",
            letter.text
        );
        assert!(
            letter.html.contains("<p>Your receipt: Thank you.</p>") && !letter.html.contains("<b>"),
            "{}",
            letter.html
        );
    }
}

/// One mail of each form, whole, as its reader gets it.
#[test]
fn the_text_reads_as_a_letter() {
    let letter = write(
        Topic::Verification,
        Language::En,
        &Details { first_name: String::new(), time: None, device_info: None, address: None, ..full() },
    );
    assert_eq!(letter.subject, "Confirm your e-mail address");
    assert_eq!(
        letter.text,
        "Hello,\n\n\
         Somebody opened a LearnFlow account with this address. If it was you, confirm that the address is yours.\n\n\
         The link works once, for 24 hours.\n\n\
         Confirm my address:\nhttps://learn.example/x?token=abc\n\n\
         If it was not you, ignore this mail: nobody can confirm the address without it.\n\n\
         --\n\
         LearnFlow sent this mail because of what happened on your account. Replies to it are not read.\n"
    );
    let letter = write(Topic::Event(SecurityEventKind::PasswordChanged), Language::En, &full());
    assert_eq!(
        letter.text,
        "Hello Ada,\n\n\
         The password of your LearnFlow account was changed.\n\n\
         Time: 1 June 2026, 12:00 (UTC)\nDevice: Firefox on Linux\nNetwork address: 203.0.113.7\n\n\
         Set a new password:\nhttps://learn.example/x?token=abc\n\n\
         If this was you, there is nothing to do. If it was not, set a new password now, one that you use nowhere else: \
         all logins that somebody else has are ended by it.\n\n\
         --\n\
         LearnFlow sent this mail because of what happened on your account. Replies to it are not read.\n"
    );
}
