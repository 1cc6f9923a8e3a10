// A user of the SDK writes `import WeChatPay` and has Money, Timestamp, Secret and the clocks too.
@_exported import PaymentPrimitives
