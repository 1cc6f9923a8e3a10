// PUBLISHED TEST KEYS. Anybody can read them, so they protect nothing: they exist so that tests and examples are
// repeatable. They open no account at WeChat Pay. Never use them for anything but this sandbox.

extension PublishedTestKeys {
    /// The keys of the sandbox's merchant 1900000003.
    static let partner = PublishedTestKeys(
        serialNo: "62EDA2E38D4FD5B19EA63952E470E68A313076ED",
        privateKeyPEM: """
            -----BEGIN PRIVATE KEY-----
            MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh0PACDRLXcLWl
            tn03llNk4tpmPn4Jd1o5cHcuJCW326tGM1ZqLOXMhKscnfLTdc/4vAcO3DFKW6Cy
            CbeBbp75hHEr6gRmGm9iUBwt2n8YkFW59+M+p5JL0ahv8rvFAGNqlYveq6CTzftO
            bf8HngHKOLYKccy8d2U5YLUrFDuWVwBljMfzDAqb7BBIb2CvkaLpW/txk9zw3lQu
            Ofusvp/ubwhmV7DDidUFuqXcGerVRNTZUWr0hcWkei864qvROw4YwWFiRjjMEq/i
            IKbs8zERBefmaqUtbySlhoQgvvxpIUB1LWiYxEyXdCyD4n6CRFPQC7ztbCJ/nZKl
            ZhDbamKPAgMBAAECggEAGJ8mJem/WDC6MwDVhMPG5K7v9GbF3sLeY6cNO2QcqSEv
            qnrdR0KVpMz7DFusOyjOAFb76/LtPRc8GFsKJROj9OuGHNx61t5m3Fq8Lu30MNSl
            dqqVVU9CH29DZeVVVOB+QBWJNtR+ln7dIk3yZEJSm2aNrIEsWfEA4f4pEuj9OB6+
            wvKV6F4uI1b6763I4Nl2aTUHnOsSbKhIOUta4lQTcuS4c6Ig0sUynumgsYxN1xPE
            p71iPaiJdSFNeqUMPvjQ4GaouXH3SeqHg9P2sgcaBx6OsZJkffclUJkgH+LnKWjR
            eMyNHdzwrBPNHYfUvNxnjo5yA6OJSwQoccyV2NJC4QKBgQDayBQT2uteXvXYw4rY
            /D2AlaplCMjLAU/0kCIYa8pTk+stPnGQ7OJdLufj+ltuDwol7KJ6wFyOA1/RmimO
            4sDKaseQNhpOKgYO1lTIHcKnAQIBm4iqn6SXwDFU+VmfsRxX94MyNokIDlVnirCy
            N2SqQsyNzqcp+01jNng28moH+wKBgQC9WAUod1ETtUhpQRm1OeRTjGQ+Jpfy1BGw
            L9FWOHU6aOMQcQyEjUiMlEZ/DasyplrU1DD+F1ZR3+B8VS7SRveMCwXNeR49gT7O
            eeQKMe3KfklfW5fJDJ6eW/oU8U35Tyz8KlVX5or9p7V77atSYnZlmWpMVSdsl0Xu
            LS7CQYPnfQKBgQCgBV3iE+q58N0C+iuRgBV/+nhSQ/WRvlj7+XxmvliTfwqx4g1w
            wkLjg05rSpAbVPbIPGevPwmzebZY+dhRwXrf0vA6g8gDyer6aTxDzri0LCGKiXeR
            zQi3UgUDMQqjqgigMtKMJKVf9hPzktag07FWc1tokXFlXIEDAzE0h2SUhwKBgA63
            lr8MdyrW/mff/YWOmGa+FNSX31uqjC1rqhPPk50UpgGTJ+vtp2P16nzZrSLkt06v
            p5c4bSc0BZjkbh0+EuO5v5u2/Fi/gQg/hTAdrWP96OoWjne8GWApugiCsRLdyptX
            FwccDlWlAYA+ewCOUrGW+SIxxDy2jWLz9Bx5Ry1pAoGAUIzPdxyoe0BQ0V/dUzNN
            NJZDo5fXQULUjcgEXN06/JwXzAHOMjg3pRqu8oOFVVVhV36waAu0w126aBpN9h37
            NivxAL/sV5+64af0+kfXA5kYxgXXgfwq9uuCbTZWCntBnslV8HxecKC0T/k/ey3r
            ySqCPTo0Efu27gsBPKnhjbA=
            -----END PRIVATE KEY-----
            """,
        certificatePEM: """
            -----BEGIN CERTIFICATE-----
            MIIDrjCCApagAwIBAgIUYu2i441P1bGepjlS5HDmijEwdu0wDQYJKoZIhvcNAQEL
            BQAwZzELMAkGA1UEBhMCQ04xEzARBgNVBAoMClRlbnBheS5jb20xJjAkBgNVBAsM
            HVNhbmRib3gsIG5vdCBhIHJlYWwgYXV0aG9yaXR5MRswGQYDVQQDDBJUZW5wYXku
            Y29tIFJvb3QgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjA2MDAxMDEwMDAwMDBaMFox
            CzAJBgNVBAYTAkNOMRkwFwYDVQQKDBBTYW5kYm94IG1lcmNoYW50MRswGQYDVQQL
            DBJXZUNoYXQgUGF5IHNhbmRib3gxEzARBgNVBAMMCjE5MDAwMDAwMDMwggEiMA0G
            CSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCh0PACDRLXcLWltn03llNk4tpmPn4J
            d1o5cHcuJCW326tGM1ZqLOXMhKscnfLTdc/4vAcO3DFKW6CyCbeBbp75hHEr6gRm
            Gm9iUBwt2n8YkFW59+M+p5JL0ahv8rvFAGNqlYveq6CTzftObf8HngHKOLYKccy8
            d2U5YLUrFDuWVwBljMfzDAqb7BBIb2CvkaLpW/txk9zw3lQuOfusvp/ubwhmV7DD
            idUFuqXcGerVRNTZUWr0hcWkei864qvROw4YwWFiRjjMEq/iIKbs8zERBefmaqUt
            bySlhoQgvvxpIUB1LWiYxEyXdCyD4n6CRFPQC7ztbCJ/nZKlZhDbamKPAgMBAAGj
            XTBbMAkGA1UdEwQCMAAwDgYDVR0PAQH/BAQDAgWgMB0GA1UdDgQWBBSGeTNNiI8k
            JM3dCY43Z9ir251THzAfBgNVHSMEGDAWgBRTIWyJ8KIh4h5K9WEIFZawgzER8DAN
            BgkqhkiG9w0BAQsFAAOCAQEAUJOomowqvaLcclvo12qRQJQpYJNokwMyVrSlm/jF
            D8ss2Xt1Tbmvj+ebZbKBbIGh0PtKlZtOMYBptR0qiPurTM6y97dc5wuKIh5eAyrp
            0zwLFBObJW2TQEnwwFY5AZtclWgyeAs2Kk8lXlJ8iTLPdo+2wireiNv95NyWjHqC
            XR7NsZTSB6k7rh7+JuKR9jy/Lzm28/Pm/6bwMMXK0GONot7Qx41PvIQCo2o322cQ
            0b5CJXuMwQN0QK3ls3lRcOco4mVzvPLNpgocL7syVQBGrXcVBE+15mExdPQH0MXi
            0iyZEZQC42PAxSbXeq4jGOIvCnq8Zc26C/L+u3MSDtG17g==
            -----END CERTIFICATE-----
            """,
        platformSerial: "325DC07D3BF7C590B727CE49F9181CAD51F2605B",
        platformPrivateKeyPEM: """
            -----BEGIN PRIVATE KEY-----
            MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDLProBGLzwCofS
            v43n+mE70ep44wPHHJHhuIVS8Pukt1mimyk80aqVdYD2rdKIy0lOGr0ToKkG/qIA
            SqSKG+UZw9w83NTigCw0a/gvjI3QxoPlLzndP6itSeGH3NRRffYapzi2FXEXhbNV
            TAcaJdhsgHvs+rREXFJTMpwgUs5+kEWHsyk7wZCLH7VGjLHgK0Tbj2uMko5LUPAf
            OO+u2UoK2mtnHbn0k/8TwhZ9m4AihowO5nUBRZVTxTtA8F++hFyd2qcY8oZeesJb
            /xylItTS3AgyYN8qP7iSkQZmllN7tAeSJeCkeuw6IXGZdbFX1OQ1vOphAZ+3x0q/
            Hm02j/spAgMBAAECggEABi2CYciRa/eapGA8RUljUE+LlwV/JAZalKU4j+UMCxgj
            y6Pie3XRNPDg8i6QpuXh9P4uUi+eGlIIqnsFAxSBEK5MbkD/9gteEfEDDAPzpr11
            UnTZPLVuhbzoXmo1kxgMcDKLcF/DY8sFi1GlKMlEHwaCmHk62+s/+TAsFiCaOaHQ
            Ub7o3yqTeg21zCcAy/EPbCWDFWt35fhyzARwJtnY/nJEygRCcCQMynh+MnPFzWnB
            /FBswf9Yp94IpfrnV9o+rtU7K/OMxS+HqiGX9qYsDOJcjbZ0SJiGmv64RH5qfo1q
            NHANT7KlQsR5QX2wyrUkUdI+yx8zkCkRdeRMII/PwQKBgQD78yqoSrj2CbkSrvWH
            29GGz3ZvwJBY5VB/nGtGNRfE6BRwHyVb/jPSCWM3inDSPzhNWZQbvlf1pn3xwG1s
            syFVNxnYursW05RBiZ+lfjLNJHxNPE/pVx1bV0CnsybrHT2TknOjK9TU0mc/fq+G
            CApZg+FU2mWK7XpJTqIUzJKYQQKBgQDOgyDDiyLa4jtMOTFAHgoCANGEirD/KI+T
            1wSJOvTwbouV8gQ/3FfMogaVXNxJZnh1OFGCa/2DP5dQyFOdnELpnpzza4xDILCk
            4XCX7cUmtDzmqV2JlcBwfrl8OclKzgLz3XquNTktkYnRo9KB5gpKZqYabzHLatOm
            CRTM3Qlo6QKBgQCViwBvwWJFTwIVr9k2WWfk/3DJ5d8HlJySEdKuakcAbcvrvODc
            2GYDreTBC5/pevK9HoVFblYhDUBF5LROR4hqXvktZbA0XULrH3etr9kRYC2TXlAE
            LNvU4lYS88gO1108IToXyKVb6MK1skkWYeFavmdZiQOqUUg7CLw1YjNEwQKBgQCn
            uo8o42Aa4XaCEU20IvHD8MA7Y54gj+QVkqUnhJAem9qZnejfqWpSVSL9u19b6nNZ
            2bUyNd3A9SxEO4DWWW1rbB1UA/z3JJz0PfqCG2duaSOxwMutDMkxVWv3vsOEE1EI
            mtGinq3jGfsTH3jBcoLXLQoqHDgYXJqsl2GihsC2yQKBgQDtro3zwS6OIG9kZ9BT
            360XMXGV4bZjThx9p4SWbj4dmjwnkwkehTVB8bKPW8e8m08wAFwc/7pERhxBEfRI
            VblPBY5ls4OKfD6ww3kkpYKUZtwNbrMQ8LQBExz0uyJwDNBFjg1eO2UPQhuKz1vn
            6Bnfxb+wEC0Y/+1hzMACm8FeLA==
            -----END PRIVATE KEY-----
            """,
        platformCertificatePEM: """
            -----BEGIN CERTIFICATE-----
            MIIDrTCCApWgAwIBAgIUMl3AfTv3xZC3J85J+RgcrVHyYFswDQYJKoZIhvcNAQEL
            BQAwZzELMAkGA1UEBhMCQ04xEzARBgNVBAoMClRlbnBheS5jb20xJjAkBgNVBAsM
            HVNhbmRib3gsIG5vdCBhIHJlYWwgYXV0aG9yaXR5MRswGQYDVQQDDBJUZW5wYXku
            Y29tIFJvb3QgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjA2MDAxMDEwMDAwMDBaMFkx
            CzAJBgNVBAYTAkNOMRMwEQYDVQQKDApUZW5wYXkuY29tMRswGQYDVQQLDBJUZW5w
            YXkuY29tIHNhbmRib3gxGDAWBgNVBAMMD1RlbnBheS5jb20gc2lnbjCCASIwDQYJ
            KoZIhvcNAQEBBQADggEPADCCAQoCggEBAMs+ugEYvPAKh9K/jef6YTvR6njjA8cc
            keG4hVLw+6S3WaKbKTzRqpV1gPat0ojLSU4avROgqQb+ogBKpIob5RnD3Dzc1OKA
            LDRr+C+MjdDGg+UvOd0/qK1J4Yfc1FF99hqnOLYVcReFs1VMBxol2GyAe+z6tERc
            UlMynCBSzn6QRYezKTvBkIsftUaMseArRNuPa4ySjktQ8B84767ZSgraa2cdufST
            /xPCFn2bgCKGjA7mdQFFlVPFO0DwX76EXJ3apxjyhl56wlv/HKUi1NLcCDJg3yo/
            uJKRBmaWU3u0B5Il4KR67DohcZl1sVfU5DW86mEBn7fHSr8ebTaP+ykCAwEAAaNd
            MFswCQYDVR0TBAIwADAOBgNVHQ8BAf8EBAMCBaAwHQYDVR0OBBYEFEqeRrM1jC+i
            3q0ghN8ZbUGm/jpuMB8GA1UdIwQYMBaAFFMhbInwoiHiHkr1YQgVlrCDMRHwMA0G
            CSqGSIb3DQEBCwUAA4IBAQCnVOlwJcM7YL9iAbJCb8LirpANzcbfbA97G/qqa9k8
            hN04J7BwOXYX2b//tPTjZlPcPD/f6iPoW3bav50FU57qlalaRCh+CoSm9614aqxl
            brq9HYf1HqVCPuJ8rNaIh0OZcErkWC/+H+Kkp8zDQywINCYLi2+8SvArejfHAwGf
            k86JhL5XPOvJMqtzlFH4i7UgM6gHniLxr/5Nr67BeMNeEkEGH781J3VHXKaezOCv
            ZJ3LYdNn2sSpqcTZgERXznj1NqKZkq8AvBMPEQLjl6SlwvhA1EGNVbdbSdUbjPjP
            uCYRYEGI+SmMgzJEp663xqTNQpjZCPB/4o8XUsw6vUTv
            -----END CERTIFICATE-----
            """,
        publicKeyPrivatePEM: """
            -----BEGIN PRIVATE KEY-----
            MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDHPRoJzxAtx0E0
            Ki7kqa3GKfktbgbZf9ChDuyCsLyi6ws52Mpq9Y8VRscfrXRCrXvsiNTTHVvrAyVj
            kNSUdL6qgL4St1yneEN0CdX+3Fvn0JlE24zgwX2DKpMNFfpzwTcMzGfx0bH0V9Sk
            HYulSCRYPnySJIRMLach4tDIaR0b2O0+NkRTFggswvcqy1xb/INFlUVvfRRz366M
            lISGHtbYmIRx2OPW2Q5fhTG76lBbjOZtaI4yT2r8GLsDIoS99ywCpOxSiY0U71u8
            7l7TUobZXbzQUnim5f47542b6edLQm+AHl7Po7Nll69s4KvynukOLhlESfWE9Enb
            xhjeRjidAgMBAAECggEAJmx7PA8J4Lo/se68sm6iy8fGfWNtwL5sntMA+8dX6deI
            h7RufSg0WvcWad6KwF0yvBA7cyeDVZR6vnPs+2B0cO95OKTSIp4H7DYFZixbMR7C
            oEvzJFlMemJYj7qAXZiSpE47caBuQGA76xajmtGJ6NbMMWcHeKWJSPi0KSJUcc0R
            neX/WIVl3NB6SQubD7O9wOqibUr3icS4aBNABVmMB65ODy/bkKbHSHAYDDIeRoxV
            mTFp5dQ3kIX3tR0lvGmClgT5VGXRzpciMPZmK496dgbBUWOAMa/cGoWHgXtYesqd
            uUdUM8fK70LEMxZUwHvJ+k0s8tUIn52ftJosfNOPpQKBgQD4ADKHyjNl2YHYBtqr
            t6pA3sGMLysURR1y4klnsG2jOhbHeyKGHyWRQul3Ej6hU0mzf/98usXOkh/qVZLA
            /euPQY7Cy+2dA64XvmuULJW244izZe7qw341JQxK79y1ubLzU5vlLJOoJqesyiGj
            0N9fMs92V/DLdrckRy6xV8oupwKBgQDNqkON5dHBDCIMftNWtFjK3W5coK88oNQN
            wHWGMBkUpR+RjDwX1A0EICpfpvkwbS39PdeEALNT7WoiygXAb/P5nJN92/B/TQH5
            UBr7tY0H6fqP1/NZ7leGcYEGX5fB3FwB24KBg4vd+bFKznH8Y0gbZ+Tmc9Ux+3pZ
            pp7gZ+DrGwKBgFOI5XxdvIBTCmx0qpVqsRtWrQUGIlGakjfPRwB5KgTwHRomPNPG
            jAXo7vDfoV7/yfR/adReqSBSkhOBrYP6Q60mXOr6e9gGlE6FIoFvnyJSdApRjG9h
            WBKYnxJixwojOcbCY+GG6VmbY6FNGJWwVn0fhUgMiRxPqZK7s1ujAYRDAoGBAMfP
            /AIInlkoKIxrS3iZjwrJR0fG9Xm550vVCFlusW9VXe5SiK+93Ud82K5F0yQxbtTz
            GEevRorrxoo2LJBiNG72qHVHEckcUCagpRaXtIVT1ZObA1sELRT5gZlnllFKfjlv
            wsOBwonO5WkAWc4TxyKZNdKQBzmgUaZ4MzNiuSqxAoGAT7p1A5nbwgqaJX/NZClT
            ddLrMwRaEF+XfUvDmcTvxkThzUlRHlZ4UTayF7HTgWOOQ4ON/AXglES4XzqBH5x7
            CaKmhPYl+pB3KlmU4GR8zggrXtMFZbd6I0D2P41AIuPotDJvexjsUTRxprdDktIZ
            olq2MU7aZtx94arrVBfEDu8=
            -----END PRIVATE KEY-----
            """)
}
