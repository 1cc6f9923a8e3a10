/// Text for pages.
enum HTML {
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    /// A whole page; `body` is HTML already, `title` is not.
    static func page(title: String, _ body: String) -> String {
        """
        <!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(escaped(title))</title>
        <style>body{font:16px/1.6 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}code{font-size:.9em}</style>
        \(body)
        </html>

        """
    }

    /// Pages here run no script and load nothing.
    static let contentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'"
}
