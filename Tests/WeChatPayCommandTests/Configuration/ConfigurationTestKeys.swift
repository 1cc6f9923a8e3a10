/// Keys made for these tests alone; they open nothing.
enum ConfigurationTestKeys {
    static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDCMaBwVak7QsvB
        y1jUWC42V7aRkjAFKM+hq15eidLAU/mZWAUUlY0E+f/pr0hK8kNnv6mRv6DhDiR8
        ySGE8Gth8kdYA87/jk5fmWpBJniPYo4eM8KOlNYNo81pPZ41qseYlAEUQMNy5ogj
        kFrDlvwwPNUq8VVLQItWE043BvRgs885VR/DVk00/6WyAJO7P531tCQ3zA4B36uO
        3PGwP/3CLLlD3DOUbyCnyqXTtOFBMYd29NydIW2kpVJqUGyWRU5JT7gFxxXoJmSV
        NyRvjYX+AbqmpJ8pvAYBYUJseVYhMOwPFOnR8Pgjk3grFKMOXJAd91avIcs8MYIi
        ix79uHM3AgMBAAECggEAEuHpdFLYAEOn9WGU8xzZ7X3M6k25Lp8/xTwZEn87R2lC
        8WauI8jA7BV1DV92W5c/96Qa1Gm6Nnf+E0YpZLhN8LmytzuzkoTfWQtdWhVoDqUq
        JYSp69xMDgp57DxKGHTRMKRfkH0VpCQHY9HjCXaycexQW/sYbJdLlSSOa+pYs9hM
        oeQ1FF6wwQJBg8ES6hL3O2Ue7dqm2N5Vwsm1FksNUE1ZIPoUp9LLkU/7zWAPvRbB
        Ko+vVhl29AFAEbRl6R1D6++YXjlydF70aUx0k6+GPw1wWu3YECQ1IIADd50teBJa
        MbbI8eoIADiK1w176dTTLuU2RoEuDOPwalHyjzpG+QKBgQDtNB5xmaeXvBaezUzH
        MMIaCK5D6WVKztDaHGGCqqz6mkVV7eZGma6wrW9bLlb3sMkzog4OFR8B6uSGRSyh
        +xEqcU3e9eSp+MjQvswKc8gAqWlfsoH4Or2GQzS2O7RZ0r4viRw7fGkbAKP47pGo
        kiPYOl6Rm7765Ta+C9t6qeSH/wKBgQDRlQSWE4QzhqYeVWxTO9tyWx82S/e8xWEb
        R48aaxCWbz5x4qMBDLDVsNGOHx2NHvC0CEnQ+Guhek/4PIBienS3TzLdyiHTsChW
        YiTif9rlOCpi7ueoroGXb7YUc24b5GZP+WiD4jx7ulMFsLfOizdpgOBzdNOTftnu
        wvjNE1ZUyQKBgGem5L7DZCa7/C58i9ZnCgqSTIREkwyzfzQwPrP4nQoNK8s23+9t
        7JYr04NGpp4p1GIJqJaiyB/wYtgBllVZ/tBLHroVPUzA+A+vsD3JBlazsOYufPjZ
        wkPPTlNrl43At3bSNVIRNWSlTQHUTjYZViyApR5/rl64lslJKSla4BBFAoGAB3A4
        h3MN4B5JSw5RF+sp8LcXNoAfvM1skuFJTPC71/r+xl/61RC0PgFWjqrAC8ArXthk
        dkw61bJXoEHVdKlP9ymSbpi79p1r8RTupjNPe48wwe4kvrHi25MVbUhjgg3rK694
        bCXda67DP5J0E5qRTudKEA73a2a3KWg2GGE1UTECgYEAjiC2wLDQi16N/1M2oyx5
        ijpFZKeuoso+VU4UhezuP3v6Cu7rIo7ggPr0H4Xf4Svc0s+DQA/89JN/gVa+2jdK
        Za8zfAdsuR5WL+wKRX/Vl964ZmglmofmVzjTSdZ7ne4itu119uwFjB3l8CzormLY
        1aS0fqB+f6iFiGKnUOaVL4o=
        -----END PRIVATE KEY-----
        """

    static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwjGgcFWpO0LLwctY1Fgu
        Nle2kZIwBSjPoateXonSwFP5mVgFFJWNBPn/6a9ISvJDZ7+pkb+g4Q4kfMkhhPBr
        YfJHWAPO/45OX5lqQSZ4j2KOHjPCjpTWDaPNaT2eNarHmJQBFEDDcuaII5Baw5b8
        MDzVKvFVS0CLVhNONwb0YLPPOVUfw1ZNNP+lsgCTuz+d9bQkN8wOAd+rjtzxsD/9
        wiy5Q9wzlG8gp8ql07ThQTGHdvTcnSFtpKVSalBslkVOSU+4BccV6CZklTckb42F
        /gG6pqSfKbwGAWFCbHlWITDsDxTp0fD4I5N4KxSjDlyQHfdWryHLPDGCIose/bhz
        NwIDAQAB
        -----END PUBLIC KEY-----
        """

    /// An RSA key of 1024 bits: too short.
    static let shortPrivateKey = """
        -----BEGIN PRIVATE KEY-----
        MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAMWddaaqfHiTF5LP
        qbRjme4DGehK45rHGPR3Bo5DYSBS/2mqU2cWGn/Qnn/JglrMeQkeIHkF393kl58K
        1vBXesVZZfDzNr8YwGwo1IsqtRFphsXaFZv5TALPOabAK9hT1H/WmoQ5NbmY+/2Q
        /IHQok8Iz4V0DGW0hMWNYVt/mbBRAgMBAAECgYEAhVQUget66XsMp5/2dt/QhlaP
        TzvfzpjQDHiV8rwhNsbozqj9doriPCRMHBmgGpTkgLNT43OENFi7t7F/jU7oZDh3
        jNu2cOHVpZUxWCqW/0qH6VmDCt0mEFlAX+srHYMU2EpG1wjwRCoVbDx7i+auTRoX
        PFP0uUuSvTSpqjm1CvECQQDrY8Ypq0n7zEHX1yf5ZxA5hB1h/B+C3esalSUG18Hu
        GqygwMvKsCLMFJU628ARQGMCAZ/y6KWlt5idjNVjNus9AkEA1ur41TWJM5aRV/7k
        BJuajT7RnRNdR1CBNU0j59kSQbNj/yY5CECJGxzVGFwTPDwTkUXa7PoanhJIJVDF
        Gw16pQJAPEEmELSQE6yNjjq9ONJxDMgM3XA0gMNd00gqWj4QnmqlleDESfYccjEy
        ogZue/wHXBQeZYe4H1uH7YyHcwYz4QJBAItjYDmf/DlKOT/yH97hMM7U5ExUx9W9
        3987BcOUJOQZvgw4tRqmCIZeH9MpvIv/hs1cmg3CdEr7HnGdPgk6p8UCQQCgLOR9
        8SDTVXh1SeuEV1IdYDDoh4LqIUiWyGh1rXYix2jWnTNRlhqIHfe7c4XYtbC8PdEj
        adhgIKivlPDnU2kf
        -----END PRIVATE KEY-----
        """
}
