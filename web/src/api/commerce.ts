import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api, call, callOrNull, type Schemas } from "./client";
import { nextPage } from "./queries";

export type Cart = Schemas["CartView"];
export type CartItem = Schemas["CartItemView"];
export type Wish = Schemas["WishView"];
/** Who leaves a field of it empty sends it so. */
export type BillingAddress = Required<Schemas["BillingRequest"]>;
export type ChosenMethod = Schemas["ChosenMethod"];
export type Order = Schemas["OrderDetail"];
export type OrderSummary = Schemas["OrderSummary"];
export type OrderStatus = Schemas["OrderStatus"];
export type PaymentToBe = Schemas["PaymentToBe"];
export type Interval = Schemas["BillingInterval"];
export type Plan = Schemas["PlanView"];
export type Subscription = Schemas["SubscriptionView"];
export type Subscribe = Schemas["Subscribe"];
export type Subscribed = Schemas["Subscribed"];
export type Invoice = Schemas["InvoiceView"];
export type ChangePreview = Schemas["ChangePreview"];

/** Wishes that are loaded at once. */
const WISHES = 20;
/** Orders on a page. */
const ORDERS = 10;
/** Invoices that are loaded at once. */
const INVOICES = 12;
/** How often an order or a subscription is looked at while its payment is on its way: at first, and when it takes its time. */
const POLL_MS = { first: 2_000, later: 10_000 };
/** Looks after which it takes its time. */
const FIRST_LOOKS = 15;

const poll = (status: string | undefined, looks: number) =>
  status === "pending" && (looks < FIRST_LOOKS ? POLL_MS.first : POLL_MS.later);

const path = (id: string) => ({ params: { path: { id } } });
const keyed = (key: string) => ({ params: { header: { "Idempotency-Key": key } } });

/** The caller's cart, at the prices of the moment. */
export const cart = queryOptions({
  queryKey: ["cart"],
  queryFn: () => call(api.GET("/api/v1/cart")),
});

/** The caller's wish list. */
export const wishlist = infiniteQueryOptions({
  queryKey: ["wishlist"],
  initialPageParam: {},
  queryFn: ({ pageParam }) =>
    call(api.GET("/api/v1/wishlist", { params: { query: { page_size: WISHES, ...pageParam } } })),
  getNextPageParam: (last) => nextPage(last.next),
});

/** A page of the caller's orders. The page before stays until it is there. */
export const orders = (query: { page?: number; status?: OrderStatus }) =>
  queryOptions({
    queryKey: ["orders", query],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/orders", { params: { query: { page_size: ORDERS, ...query } }, signal })),
    placeholderData: keepPreviousData,
  });

/** An order of the caller. */
export const order = (id: string) =>
  queryOptions({ queryKey: ["order", id], queryFn: () => call(api.GET("/api/v1/orders/{id}", path(id))) });

/** An order whose payment is on its way: asked again until it is decided. */
export const orderBeingPaid = (id: string) =>
  queryOptions({
    ...order(id),
    staleTime: 0,
    refetchInterval: ({ state }) => poll(state.data?.status, state.dataUpdateCount),
  });

/**
 * What the browser needs to pay an order. The same order gives the same intent, so that asking is not paying. Its secret is
 * forgotten with the page.
 */
export const paymentIntent = (order_id: string) =>
  queryOptions({
    queryKey: ["payment-intent", order_id],
    queryFn: () => call(api.POST("/api/v1/payments/create-payment-intent", { body: { order_id } })),
    staleTime: Infinity,
    gcTime: 0,
  });

/** Has the platform look at the gateway how the payment went; until then it waits for the gateway's message. */
export const confirmPayment = (order_id: string, payment_intent_id: string) =>
  queryOptions({
    queryKey: ["payment", order_id, payment_intent_id],
    queryFn: () => call(api.POST("/api/v1/payments/confirm-payment", { body: { order_id, payment_intent_id } })),
    staleTime: Infinity,
  });

/** The plans that can be subscribed to. */
export const plans = queryOptions({
  queryKey: ["plans"],
  queryFn: () => call(api.GET("/api/v1/plans")),
  staleTime: 300_000,
});

/** The caller's subscription to a plan; `null` where he has none. */
export const subscription = queryOptions({
  queryKey: ["subscription"],
  queryFn: () => callOrNull(api.GET("/api/v1/subscription")),
});

/** As [subscription]; asked again while its payment is on its way, the first one or one that failed. */
export const subscriptionBeingPaid = queryOptions({
  ...subscription,
  refetchInterval: ({ state }) => {
    const unpaid = state.data?.status === "pending" || state.data?.status === "grace_period";
    return unpaid && poll("pending", state.dataUpdateCount);
  },
});

/** What the caller's plan gives him. It is read anew whenever the subscription is. */
export const planFeatures = queryOptions({
  queryKey: [...subscription.queryKey, "features"],
  queryFn: () => call(api.GET("/api/v1/subscription/features")),
});

/** What the caller has paid for his subscriptions, the newest first. It is read anew whenever the subscription is. */
export const invoices = infiniteQueryOptions({
  queryKey: [...subscription.queryKey, "invoices"],
  initialPageParam: {},
  queryFn: ({ pageParam }) =>
    call(api.GET("/api/v1/subscription/invoices", { params: { query: { page_size: INVOICES, ...pageParam } } })),
  getNextPageParam: (last) => nextPage(last.next),
});

/** What a change of plan costs now; it can be agreed to for half an hour. */
export const changePreview = (plan: string, interval: Interval) =>
  queryOptions({
    queryKey: ["change-preview", plan, interval],
    queryFn: () => call(api.GET("/api/v1/subscription/change-preview", { params: { query: { plan, interval } } })),
    // What was agreed to must be what is on the page.
    staleTime: Infinity,
    gcTime: 0,
  });

/** The changes of carts and wish lists. */
export const basket = {
  add: (course_id: string) => call(api.POST("/api/v1/cart/items", { body: { course_id } })),
  remove: (id: string) => call(api.DELETE("/api/v1/cart/items/{id}", path(id))),
  clear: () => call(api.DELETE("/api/v1/cart")),
  setPromo: (code: string) => call(api.POST("/api/v1/cart/promo", { body: { code } })),
  removePromo: () => call(api.DELETE("/api/v1/cart/promo")),
  wish: (course_id: string) => call(api.POST("/api/v1/wishlist", { body: { course_id } })),
  unwish: (course_id: string) => call(api.DELETE("/api/v1/wishlist/{course_id}", { params: { path: { course_id } } })),
  move: (course_id: string) =>
    call(api.POST("/api/v1/wishlist/{course_id}/move-to-cart", { params: { path: { course_id } } })),
};

/** Makes an order of the cart. */
export const createOrder = (billing_address: BillingAddress, payment_method: ChosenMethod, key: string) =>
  call(api.POST("/api/v1/orders/create-from-cart", { ...keyed(key), body: { billing_address, payment_method } }));

/** Gives up an order that is not paid. */
export const cancelOrder = (id: string) => call(api.POST("/api/v1/orders/{id}/cancel", path(id)));

/** The receipt of an order that was paid, as a PDF. */
export const receipt = async (id: string): Promise<Blob> => {
  const { data } = await answer(api.GET("/api/v1/orders/{id}/receipt", { ...path(id), parseAs: "blob" }));
  return data;
};

/** The changes of the caller's subscription. */
export const subscribing = {
  validatePromo: (code: string, plan: string, interval: Interval) =>
    call(api.POST("/api/v1/promo-codes/validate", { body: { code, plan, interval } })),
  begin: (body: Subscribe, key: string) => call(api.POST("/api/v1/subscription", { ...keyed(key), body })),
  change: ({ plan, interval, charge_cents, previewed_at }: ChangePreview, key: string) =>
    call(api.POST("/api/v1/subscription/change", { ...keyed(key), body: { plan, interval, charge_cents, previewed_at } })),
  cancel: (at_period_end: boolean) => call(api.POST("/api/v1/subscription/cancel", { body: { at_period_end } })),
  resume: () => call(api.POST("/api/v1/subscription/resume")),
  /** What is to be confirmed for it still; the same thing again, however often it is asked for. */
  pay: () => call(api.POST("/api/v1/subscription/payment-method")),
  /** Takes the card that was given for the renewals, should the gateway not have told of it yet. */
  takeCard: (setup_intent: string) =>
    call(api.POST("/api/v1/subscription/payment-method", { params: { query: { setup_intent } } })),
  /** For the renewals, where nothing is open. */
  changeCard: () => call(api.POST("/api/v1/subscription/payment-method", { params: { query: { another_card: true } } })),
};
