use crate::stage::Stage;

#[tokio::test]
async fn two_thousand_bit_flips_change_nothing() {
    let stage = Stage::new().await;
    let (order, _) = stage.charged(1).await;
    let notices = stage.stripe.take_events();
    let genuine = notices.iter().find(|notice| notice.kind == "payment_intent.succeeded").unwrap();
    let header = stage.stripe.signature(&genuine.body, stage.world.ambient().now());
    let before = stage.snapshot().await;
    let (body, signature) = (genuine.body.as_bytes(), header.as_bytes());
    let bits = (body.len() + signature.len()) * 8;
    for flip in 0..2_000 {
        // Spread over the body and the header.
        let bit = flip * bits / 2_000 + flip % 7;
        let (mut body, mut signature) = (body.to_vec(), signature.to_vec());
        match bit / 8 {
            place if place < body.len() => body[place] ^= 1 << (bit % 8),
            place => {
                let place = (place - body.len()).min(signature.len() - 1);
                signature[place] ^= 1 << (bit % 8);
            }
        }
        let Ok(header) = http::HeaderValue::from_bytes(&signature) else { continue };
        let Ok(header) = header.to_str() else { continue };
        let reply = stage.post_event(body, header).await;
        assert_eq!(reply.status, 400, "bit {bit}: {}", reply.body);
        assert_eq!(reply.calls, 0, "bit {bit}");
    }
    assert_eq!(stage.snapshot().await, before);
    // It was the flips alone that were refused.
    stage.deliver(genuine).await.expect(200);
    assert!(stage.stored(&order).await.status.was_paid());
}

#[tokio::test]
async fn stale_foreign_and_missing_signatures_are_refused() {
    let stage = Stage::new().await;
    stage.charged(1).await;
    let notice = stage.stripe.take_events().pop().unwrap();
    let before = stage.snapshot().await;
    let now = stage.world.ambient().now();
    let away = |seconds| now + kernel::SignedDuration::from_secs(seconds);
    let own = |at| stage.stripe.signature(&notice.body, at);
    let foreign = |secret: &str| stripe_stand_in::sign(secret, &notice.body, now);
    let good = own(now);
    for header in [
        own(away(-301)),
        own(away(301)),
        foreign("whsec_other"),
        foreign(""),
        String::new(),
        "t=,v1=".into(),
        good.replace("v1=", "v0="),
        good.replace("t=", "t=1,t="),
        good.to_uppercase(),
    ] {
        let reply = stage.post_event(notice.body.clone().into_bytes(), &header).await;
        reply.expect_error(400, "WEBHOOK_SIGNATURE_INVALID");
    }
    for body in ["", "{}", "[]", "null", "{\"id\":1}"] {
        let header = stage.stripe.signature(body, now);
        stage.post_event(body.into(), &header).await.expect_error(400, "WEBHOOK_INVALID");
    }
    assert_eq!(stage.snapshot().await, before);
    for at in [away(-300), away(300)] {
        stage.post_event(notice.body.clone().into_bytes(), &own(at)).await.expect(200);
    }
}
