import Testing

@testable import WeChatPayCommand

@Suite("Language of the command line")
struct ConfigurationTextsTests {
    @Test(
        "LC_ALL, LC_MESSAGES and LANG decide in this order, and only zh is Chinese",
        arguments: [
            ([:], Language.english), (["LANG": "zh_CN.UTF-8"], .chinese), (["LANG": "zh"], .chinese),
            (["LANG": "zh-Hans"], .chinese),
            (["LANG": "ZH_TW"], .chinese), (["LANG": "C.UTF-8"], .english), (["LANG": "zhuang"], .english),
            (["LANG": "zh_CN", "LC_ALL": "en_US.UTF-8"], .english), (["LANG": "en_GB", "LC_MESSAGES": "zh_CN"], .chinese),
            (["LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN"], .chinese), (["LC_ALL": "C", "LC_MESSAGES": "zh_CN"], .english),
        ] as [([String: String], Language)])
    func language(_ environment: [String: String], _ expected: Language) {
        #expect(Language(environment: environment) == expected)
    }

    @Test("the text in that language is shown")
    func texts() {
        #expect(Texts(language: .chinese)("ready", "已就绪") == "已就绪")
        #expect(Texts(language: .english)("ready", "已就绪") == "ready")
    }
}
