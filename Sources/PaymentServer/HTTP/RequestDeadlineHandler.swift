import Logging
import NIOCore
import NIOHTTPTypes

/// Closes a connection that takes too long to say what it wants: headers or body that drip keep no worker busy.
///
/// An idle timeout alone does not help, since one byte a second is not idle.
final class RequestDeadlineHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    private let head: TimeAmount
    private let body: TimeAmount
    /// From the end of a request to the head of the next, answer included: bytes that drip do not prolong it.
    private let next: TimeAmount
    private let logger: Logger
    private var timeout: Scheduled<Void>?

    init(head: TimeAmount, body: TimeAmount, next: TimeAmount, logger: Logger) {
        self.head = head
        self.body = body
        self.next = next
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { arm(head, context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        arm(head, context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: arm(body, context)
        case .body: break
        case .end: arm(next, context)
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = nil
        context.fireChannelInactive()
    }

    private func arm(_ limit: TimeAmount, _ context: ChannelHandlerContext) {
        timeout?.cancel()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: limit) { [logger] in
            logger.info("a connection was closed: its request was not there in time")
            bound.value.close(promise: nil)
        }
    }
}
