import ArgumentParser

/// `wechatpay`: the sandbox, the payment server, and a demonstration of both.
@main
struct WeChatPayTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wechatpay",
        abstract: "WeChat Pay: a payment server, and a sandbox to try it on. 微信支付：支付服务器与沙箱。",
        discussion: """
            Try it:   wechatpay demo            sandbox, payment server and shop in one process, and a purchase
            Develop:  wechatpay sandbox         WeChat Pay on this machine, for clients in any language
            Run:      wechatpay serve --config server.yaml
            Ask why:  wechatpay explain-signature --url … --authorization … --certificate …

            Not affiliated with Tencent.
            """,
        version: "0.1.0",
        subcommands: [
            DemoCommand.self, SandboxCommand.self, ServeCommand.self, MigrateCommand.self, ExplainSignatureCommand.self,
        ])
}
