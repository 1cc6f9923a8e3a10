/// A merchant's certificate, made once with OpenSSL. It opens nothing but these tests.
enum IdentityFixtures {
    /// PKCS#12 with the ciphers of WeChat's own files; the password is the merchant number.
    static let password = "1900000001"
    static let pkcs12 = """
        MIIJUQIBAzCCCRcGCSqGSIb3DQEHAaCCCQgEggkEMIIJADCCA7cGCSqGSIb3DQEHBqCCA6gwggOkAgEAMIIDnQYJKoZIhvcNAQcBMBwGCiqGSIb3DQEM\
        AQYwDgQIq8mmvrjVvNsCAggAgIIDcETbxoL/btrGcAthzT63a6atVhkNzpKoLbpm5Obb2s+fZVAFp/auO6O1SDyHp23h4c7LwgM/9Dv2dg6mt6elHIQ5\
        8oKD/p9UhpGE7qg0SLlj3CGhkosmsWLgUMruNXldAaxusW0jJmpa4W+BsPLCyd9loeXsvnJuU9qUM+JlE59KG7l0qIbbD7yUEIIgvaYyzaRhdw8AEMSl\
        B8Na9iNHTrUiSeaNveKMJDwDNGEmuajdTX/IUWsoWXiZ3sEYJCzCd4/F6V2LlgzU6CC0mBt3iYsbo+cbjDUk8UhecRqIYrMe4LsiTAYxhY1Bge7hdJAf\
        IjRREyI9QyXbstRrWrXt5/eriyYW37a4nUFS+Gwg3Dzg3x6Igo0UtJOeCV1jtDZqKEAPhvJ4SHqEEOhzyDVveKwM6tCyvSfS5CyIxjrpnS4BiEL7Fd2P\
        o8RmkpWQQ/WPUxZexaIehsqfeo+DehR/UY5eASoRlYOWZvYdLH0d3/Kew7/ZD28FoyGzNr7GW34O9+9v7lEsJuXAMJpeNv2mayxLtzMPrOmq3WlrVdYq\
        F1rAuvOdC6rye2hiP6QTt/Vhmtprq67pdtyjPV2FaHgY9zxVbVxcENmKVCPXuKPMuX69ZDcKxGqjxdSo7fqW/aIRN3YO2V/KQKDe58drlu24RzXCaNRH\
        mdZRLe1Q0CL/tLTZJQcI3XZQDbW5WXXNbX4RUJveTQll0L4X90lOAIadgUOpnVPeD/+O17deQuKgVb8afCP+TZPQr2PFXaP3abvAH1iibiah51YG+Yw+\
        /jmCgtSzkmi8AUqKfximSXIQ7Fhx0riCvyEMYB1DxiAT5qaE64I1xfnUV3lPA74m9a4fPTmMFry11lXr+69QfF92WqkLV8VgpHP08iEL08jhgbdk24C8\
        n00fbwEte2IeGEqCPFrp29Hyae5VEKu6P9KyGWp7sAimH4w3k/GhxzuyQrD/OckXjqgvAjMxGD7898auNzaZBdpw2hyJjl+6SZJHm2CE++q85lAdhnlc\
        ipFZh1Cg/UxD6OIewV6ZtPVujxEgTsebIKt3aIXSJsA1B2atGQevEeVUYMilANDmB/yOyzM/cqcgyFigo3qCzHQP9x8aNZeAIhQ9UWP0ab+r01Kt+Qbl\
        +nSjJVY+Ae5ehZZREehRzpxtzibdjpWj9njeh2NrSSwwggVBBgkqhkiG9w0BBwGgggUyBIIFLjCCBSowggUmBgsqhkiG9w0BDAoBAqCCBO4wggTqMBwG\
        CiqGSIb3DQEMAQMwDgQIQ2vsIDLVwbACAggABIIEyEAYOyacHg+Ig+2LOr0ORWKMN/x7FrexCwvPgv8ExYP42xd97lw15kYeLaDrqTy71qk/iCtnBlzj\
        Z/FC8kFpNPA6CTFxCRYLB1h8Be2O2kR75f7k9P+vFQdia1n2vkUWzsAlkoGV0usu3yOiVQt2siMDrDBEZatdO/1zft3EgOQGXYCQo0Q9LBtLwtFjeTaH\
        ObdMdMB7P4c6wWIWKwaN+wDBZyLg7gve/2i6dmXOhwJl06DqVRaykhklk+EJTTfTPWBwAXeu3/tL00W/u6yeSyTVl0aPMivVa9n/oR0UnoMV+AMoWMPC\
        jEVkjs1wt3BFrHX6ACS1KwAsWMde7igvjq88A3kGSztz5dY4tX23uwjm3R3MfuB4meWFDS5Z7QIJVY9PkKLWTQTyeL0aa8aN3WwmAT5k7LFF65sU6Weu\
        ArnLKlNQs8FSqmtE8ze4Foe9uX3p7Tvnxs1zQgfl5wBU0Aht6DdJx0OH3BwefY3Eeufa0yyWS4soDZGLVg5ysb9vbQ8oBbDvT1T8sxZCBM0V8bNfX/UR\
        Bc6wtRWkKV0c61HhOzJlUk4aVBlAZaGE3NSpvQp+riH06bYPQgRTKSqMmsCDEi61eRsT2D2fehfFYMMoM0dJwNsSicRXatT9E8APnXWw7qfV80K8Ckxa\
        9WX6aGnMk2Qj3uB0YyMLBZwLdUrkqVZQHOOCF36Boi+PSjfUjXxaP5XOFLp9tK/z16+u1Vf75GXLGATwGLUC8+LVA7Q5t0HLcTTSAIsPWaespIaKjBxP\
        kHxGGMxRXNvepR5kBuokYyxkNXY2lwiasWghHwx/1ifnhXBpU0J6Ngyt7tCEguKfZLiwJYNid7dHo4/KhUW7kKCiNzEGgtNZGqgo2RoVLzzDiGKODC98\
        9/TLPvQSWBWcWZb6ZuHussbgZYVtC0QfbANi+p7phbdken5QS5ZXCDQnE6Vf5M67muoAw5ckbduVte6Qghmm6OktlLf1riIDcKuyxTzF2SpYwd/H+3je\
        8KcQgbuFJvnWmYVOvcEaGaSF1JWP8rn53n57E/E6t3DrWN9N1jxXtJP6eZc6Zk4OmbxO3kiT/dlAhasCl0912X3bFBOKnB0AOlCkLC+KNqAZXicn33I/\
        x2+DF8zNqASHzApFYvK9XvWkftvNAD8nx9y2rQQtM/O/irNu1qFmdzBTOeNXJL+PH3LrDd7sDDM3z99NN5Aor69fpSZjAmahqdZmdZC6GadPbJB1QDq7\
        HxDl9k48nFv7zYdstq6LyDrxpOIOy1GqCB1UCys4Tt0P8i20OGZTRJeFcuX715NCXKZZ7uehcYZyIt1GetP6fqE7nxxgcDOVy7C6xHhl9hK7dJOhOyHz\
        UNQcaUCZNfuPxnbbgI0ABuGSFgkVobJS/SeCVhoi5L//sN55U2GJhw24JpGjCRuNG9jssCgJtQshuuR66HEYxHkAySnar3xxRDaksUMr0lBpzOweDFSv\
        pvjl40lWbluD35d7HE6Byn4XsBan5Lwp3MEVCbdTTXJadJgRxEm064OJan/Z0K1bZa7JbGbOYtZdR4UxZfGDkxrTdYCo/XXNP5H6CFr6+cmSYMUWb3yl\
        LlFHyb/NnMP26DrQRI97dO1cE0gn5mpZZ/MG7vAIhAZLOdJGGzElMCMGCSqGSIb3DQEJFTEWBBRsCIo03w3MTMy75ArKqg/evsMb3jAxMCEwCQYFKw4D\
        AhoFAAQUGi6ujwW4BTYE3XOHjZ+SKO2tXw8ECHeJ/HjuT1qPAgIIAA==
        """

    static let certificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIIDDTCCAfWgAwIBAgIUf1PPewcf94mMh4xfbgvQ1CVRhB4wDQYJKoZIhvcNAQEL
        BQAwFTETMBEGA1UEAwwKMTkwMDAwMDAwMTAgFw0yNjExMjQxMDIwMzNaGA8yMTI2
        MTAzMTEwMjAzM1owFTETMBEGA1UEAwwKMTkwMDAwMDAwMTCCASIwDQYJKoZIhvcN
        AQEBBQADggEPADCCAQoCggEBAJ+YdvaLGh7EhLqmlAdyzPLUyFVvrOt5ZvyHysHn
        mfB4X2h4FduxQxDs2JVUZ3OyVLdp1J4SvtdjbwO9lQSQTPqVGKbft7Vmfh1KlLgW
        yiDpuwWBhXZlA/oCOoVBm7qnuxIVT3qOjAwDM7psekxfYXNYVbhLs1bMys0Cfu0U
        knH7fJ0Qfxa/5dIrBTgkirp8iPu62OFzH7k6snqj4r/4eI1oocv6ufLc/JaXEOCz
        sqtGPmcfvW6tzaSh+ppXysxezzYf43N03TkcAyFo6v5c5YFgD/hDrdT4cjGyxrzK
        uR2cuX9OB9z6/pQK21hFizMXEFqd/hfq2eSrNzSBL/c9an0CAwEAAaNTMFEwHQYD
        VR0OBBYEFMRhUijtsicxsN/mIaUXwpYZ8ylsMB8GA1UdIwQYMBaAFMRhUijtsicx
        sN/mIaUXwpYZ8ylsMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEB
        AEvGiDspv04xPsq4+8FXq704nVMHLnPVPUH0fCK3rfmYqb+U3+HYx5YY5RTxBLeB
        Yqg+a8o8QEJl5fuw4/EgoqLWtqE+xpoetFNN5PcuTYxEK2Z5+mECcOylGUCkoNo6
        9F/12nT5FTDq/KTtd/NxQPrJsa0mQOX80aVNyXWUs0IhnnfmjcB7dXG4vDyBu84s
        sAf9y6G62OnbUXZvIV2BnNzmAGFA0zg3I/9kG6yxH67DnoTOdBShtLW8eCjoCnI4
        cfQO7BhUAqE4OAsJacSu+P8ZIO/vbg4OFIbc+sdXBmYN4Glp5lYdnA+QWVcgoQ1Y
        6l5VBgh6d1Q2pTR+LMQhKe4=
        -----END CERTIFICATE-----
        """

    static let keyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCfmHb2ixoexIS6
        ppQHcszy1MhVb6zreWb8h8rB55nweF9oeBXbsUMQ7NiVVGdzslS3adSeEr7XY28D
        vZUEkEz6lRim37e1Zn4dSpS4Fsog6bsFgYV2ZQP6AjqFQZu6p7sSFU96jowMAzO6
        bHpMX2FzWFW4S7NWzMrNAn7tFJJx+3ydEH8Wv+XSKwU4JIq6fIj7utjhcx+5OrJ6
        o+K/+HiNaKHL+rny3PyWlxDgs7KrRj5nH71urc2kofqaV8rMXs82H+NzdN05HAMh
        aOr+XOWBYA/4Q63U+HIxssa8yrkdnLl/Tgfc+v6UCttYRYszFxBanf4X6tnkqzc0
        gS/3PWp9AgMBAAECggEAAZH++FMLDpVxbDgPtHkOh4R3dNEUpaZ7+xfHnhvOGchy
        wTTj8NWa1X5MbT+3hYhnfqcrFo5pqUs1quxBHJqM31ml30fL53GFjnqO4bbRBfzh
        awmeC2RYDdbaxjfh3+F0R5Zvwe1yzFAga1ZTkmUihiou1xGLnLAxffiR0M8HLS7q
        dk5WcLihKZAdoMcrdzl9iSuU/o+FhGfo9Eqn36d6g219lLXMn15UAratv2GCEUCw
        YQXj5VkIl/UeKwYLPRWKKLLBpP5aFRdyHlx08aUPb8lOC3euBakLnVJx0+QkBYR6
        D/iHMGk14zzWKlK+Z6t5h7iLy38OkSZr6R/40wiJoQKBgQDX6dIvT8raQ1MQNSR9
        2CvmPXlzSL8fErtxZwTz+Ddt+bloxNDHO/f+2fiyUA+zesMJ1F04eWKdw0fhU9Sw
        0IJnyjG0eblRg79r1eUu7QVq+pL81fyXU3QnddC5CIG072BTNIZI3GLaJeghsrDR
        x4l2pPyurGQZ07xWXL3FiTV1kQKBgQC9OegQf4kKbEKby28dM/uB/jEvz/I8GNzN
        u9b6CbcMu0Aw8S2FeOpmEMYmskjF6u936ct77l/JycdbUfDmlmH2+cKCcfWcNNqw
        Hjn4PUZgDfNR81eiP3SRQR6rUB74Al4t31r4ZK25/PefcolAxBDtuuSpdNk8PtuI
        jsL5BHvALQKBgQCV1O4F5QJpOoUe3zIGnofAS/LG/Lmcb5xiEtKOFzcn+z8eJE6Z
        o9TyJwL9gq+SpmNIo/VY5mt3/XcZN9qGJPwJ2HdrvXjLx3iD9bgIO3UiCucLy9dw
        j/owFAMXFH8mN2OJ+g4h68YxilKvZ9hqi2SqT84FzR3eCmBNMiiDNzdA8QKBgFFz
        hZLkcubLpvhM3y1g3NgdxKpiBlEcGp9sRaMnX2XZjE4E4qVbYPpCKikqAO1ArYee
        WXqlJxJDCs8iPGHlRZH7/GAOEb0Fe0ToHefe6FYcaypRZt1uFw0XTM5NFKeIzWVN
        iWj2XVl7rFM0CCSawPazxg2zQHcQT4s+eGqcJXCZAoGBAMzzoopwnJFMJ2Bj1dgc
        xhMedbYAtJBGng18qAigX0KqNYVZeyEQDTPl8YfLw0VPOiVVAL8n0Ut35VAriNEy
        TCztbdFmE1kmD31mKfGJBCeh0OuLL8c5Xhnhob0DOQfHJtCnV/ph/NpJxidSJd0y
        nHPr2F8xUBDrSTGzdoVFyfHS
        -----END PRIVATE KEY-----
        """
}
