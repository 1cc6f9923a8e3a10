// A user of the SDK writes `import WeChatPayV2` and has the transport, the errors, money and time too.
@_exported import WeChatPay
