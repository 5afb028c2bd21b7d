import type { Cart, CartItem, Invoice, Order, Plan, Subscription } from "../api/commerce";

/** A course in a cart, with these changes. */
export function cartItem(changes: Partial<CartItem> = {}, course: Partial<CartItem["course"]> = {}): CartItem {
  return {
    id: "item-1",
    course: {
      id: "course-1",
      title: "Rust in practice",
      slug: "rust-in-practice",
      price: 89.99,
      original_price: 129.99,
      currency: "USD",
      thumbnail: "",
      ...course,
    },
    added_at: "2026-11-20T10:00:00Z",
    price_at_adding: 89.99,
    price_changed: false,
    available: true,
    unavailable_reason: null,
    ...changes,
  };
}

/** A cart with these courses, without a promo code. */
export function basket(items: CartItem[] = [], changes: Partial<Cart> = {}): Cart {
  const sum = (prices: (number | null | undefined)[]) => prices.reduce<number>((all, price) => all + (price ?? 0), 0);
  const sold = items.filter((item) => item.available);
  const price = sum(sold.map((item) => item.course.price));
  const original = sum(sold.map((item) => item.course.original_price));
  return {
    id: "cart-1",
    items,
    total_items: sold.length,
    total_price: price,
    total_original_price: original,
    total_discount: original - price,
    currency: "USD",
    promo: null,
    total_to_pay: price,
    ...changes,
  };
}

/** An order of one course by card. */
export function orderOf(changes: Partial<Order> = {}): Order {
  return {
    id: "order-1",
    order_number: "ORD-2026-A00001",
    status: "pending",
    created_at: "2026-11-20T10:00:00Z",
    completed_at: null,
    total_amount: 96.29,
    currency: "USD",
    items_count: 1,
    items: [
      {
        id: "line-1",
        course: { id: "course-1", title: "Rust in practice" },
        price_at_purchase: 89.99,
        discount_amount: 0,
        tax_amount: 6.3,
        paid_amount: 96.29,
        refunded_amount: 0,
      },
    ],
    subtotal: 89.99,
    discount_amount: 0,
    tax_amount: 6.3,
    refunded_amount: 0,
    promo_code: null,
    payment: { method: "card", status: "pending", transaction_id: null, pay_by: "2026-11-20T11:00:00Z", bank_transfer: null },
    billing_address: {
      first_name: "Ada",
      last_name: "Lovelace",
      email: "ada@example.com",
      address_line1: "12 St James's Square",
      address_line2: "",
      city: "London",
      state: "",
      postal_code: "SW1Y 4JH",
      country: "GB",
      phone: "",
    },
    ...changes,
  };
}

/** A plan. */
export function plan(changes: Partial<Plan> = {}): Plan {
  return {
    id: "plan-premium",
    name: "Premium",
    plan_type: "premium",
    max_resolution: "1080p",
    ad_free: true,
    premium_content_access: true,
    early_access: false,
    price_monthly_cents: 999,
    price_annual_cents: 9_990,
    annual_saving_cents: 1_998,
    display_currency: "USD",
    trial_days: 14,
    is_active: true,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    ...changes,
  };
}

/** A subscription that is paid. */
export function invoice(changes: Partial<Invoice> = {}): Invoice {
  return {
    id: "in_1",
    subscription_id: "subscription-1",
    number: "LF-00042",
    reason: "renewal",
    amount_cents: 999,
    refunded_cents: 0,
    currency: "USD",
    status: "completed",
    payment_gateway: "stripe",
    gateway_transaction_id: "ch_1",
    attempts: 0,
    created_at: "2026-11-01T10:00:00Z",
    completed_at: "2026-11-01T10:00:00Z",
    ...changes,
  };
}

export function subscribed(changes: Partial<Subscription> = {}): Subscription {
  return {
    id: "subscription-1",
    plan_id: "plan-premium",
    plan_type: "premium",
    interval: "monthly",
    status: "active",
    is_active: true,
    is_trial: false,
    has_payment_method: true,
    price_cents: 999,
    currency: "USD",
    payment_gateway: "stripe",
    start_date: "2026-11-01T10:00:00Z",
    end_date: null,
    renewal_date: "2026-12-01T10:00:00Z",
    cancelled_at: null,
    cancel_at_period_end: false,
    grace_period_ends_at: null,
    promo_code: null,
    created_at: "2026-11-01T10:00:00Z",
    updated_at: "2026-11-01T10:00:00Z",
    ...changes,
  };
}
