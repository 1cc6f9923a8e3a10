// PUBLISHED TEST KEYS. Anybody can read them, so they protect nothing: they exist so that tests and examples are
// repeatable. They open no account at WeChat Pay. Never use them for anything but this sandbox.

extension PublishedTestKeys {
    /// The keys of the sandbox's merchant 1900000001.
    static let migrating = PublishedTestKeys(
        serialNo: "2E2FDACD24AE4BBCC6024EFCAC25422F6BF22FD0",
        privateKeyPEM: """
            -----BEGIN PRIVATE KEY-----
            MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCd5ZiBwt2LRIOC
            FoZa6y+pGBCnwxdei1U1eQPe5ePRIwNyvf2d7R0ggBwYCZmuHjfDUFsWTlb0Wa8r
            FtQicRffkgSFklTHsbxLYeP7RCMGz3NU2fBrkCXrJpnu62HQkeZwDumByf9cEhyM
            yfrMVMQdq5c9wnMWXbL+jVMpFzAKbv2UNUnNSUprsGnKaOnOY6kaznn6liD3T0jd
            7cMc0EmxitfQYLOgOyYTdr1aDxns6BIhqNS262L5e5D/veS4lsRWE7TmMsyANkep
            jHJaejaFJCN8MQjmc9RPaXawRtppvz2NdE1ChlqeMI6DdEwfUy/KCGqWK1FnaCzl
            Vni46ihDAgMBAAECggEACyBEkNA0YD3hrmb77Kgp4ZZqhge/O9BBntT6Kti0JuZ6
            tbkhh+FPbhzY3fC/PX+vmjmtUXMPuYQgTb78D7k8X2qgmvDmvHOPuxgYwnnYpgA0
            NkRtJocvxNQhgK5hZBsDy92hIp4jOk+kZ19MJt3KO/T9YUK0bV0I4dr/gyO5JOL0
            8DUeiunRoZlHnZ4/yR6BNt5EWsq4lc2UEnGCK/0Ek6QA5LcBa89Pdz4jKpbn5U93
            Pkio0j4JcSsdGQBV1Tt1J14zMC54IssuYeMNs8qtsqwBMsgs/lIe58d1yAOeVXbv
            uHXI9i6YVs1s5ynN/jLu2lC6nJnaeFj02NofqlHdIQKBgQDNVUb0IAHI2NygFBBR
            taiKAnUnms7e7Y9VGPRh4dNtepW2od34obglDi0bNihjyv/gCF0R4Mee/hpzexo1
            sjnPY1gtdzgrW/aEQUwzP79nispRiAHpySSMP6UUvty0z0P+HdT87FHWFQgCVrN2
            nnqz12wuNfpLFTu6oqwscROxCQKBgQDE288/1WT3rtO4ekMB5u8Z60Dcyu41Qkji
            XI6wMrelTBoFF3SIDzZuwHWD8XN9dzOq9ifHHEXuYOfrSZOsDinS+d0z7UeOVZ/S
            pe0dy+Eyr8Bh7le2bNpbIwnP2EfB+0/U7ESnXzXRvCwAOT4NtuYsfsYX77423wLN
            vTv0AMu96wKBgAD5cZ/A8yE33jwoPDeXDBizkEjC1E58hBycRLSeNLmlRkaamAoR
            AmWynoYtiJ2InhQ7Fe36yhe4DvoTUHmGwf149DcrBKo4AoB4KttnZwofv3wJkDDC
            0piTyL3DdhqpjSIMlDErEexZJzOTo8BhWiW2VP4XJXvrut/U28pOMxC5AoGBAIqU
            Tl4aY7x0ZvjLoJYbMqBlWsDTXkNByTsIey4QVfVYEE0bSN5rDx+B/ngGpg1ht46X
            QENLZPM9ZqXcoscRJWIuoQhn9eJ95keMpNI/7uUWkfCer0JteH2FueeF0mX8+yLh
            vCaywJlHxRXXNhbDdV9HUz4QeC/6Z+fbWfQYB1VHAoGAEBqiV3iEw+ILO82vaE5X
            wuGirg9ir82EpXrDxTsCThyMi+MyjS8WwqHJgBR+14E/GvUJZ2qnGp3xWYIaR03u
            QOWhzhwDnqGtKjQjv7ntS6Rv1+WXjqqsKOME6jhTpM6e4AvIAsyZWXEWo5Py090+
            sWPfnUTUOUv87t/CPLqEeoU=
            -----END PRIVATE KEY-----
            """,
        certificatePEM: """
            -----BEGIN CERTIFICATE-----
            MIIDrjCCApagAwIBAgIULi/azSSuS7zGAk78rCVCL2vyL9AwDQYJKoZIhvcNAQEL
            BQAwZzELMAkGA1UEBhMCQ04xEzARBgNVBAoMClRlbnBheS5jb20xJjAkBgNVBAsM
            HVNhbmRib3gsIG5vdCBhIHJlYWwgYXV0aG9yaXR5MRswGQYDVQQDDBJUZW5wYXku
            Y29tIFJvb3QgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjA2MDAxMDEwMDAwMDBaMFox
            CzAJBgNVBAYTAkNOMRkwFwYDVQQKDBBTYW5kYm94IG1lcmNoYW50MRswGQYDVQQL
            DBJXZUNoYXQgUGF5IHNhbmRib3gxEzARBgNVBAMMCjE5MDAwMDAwMDEwggEiMA0G
            CSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCd5ZiBwt2LRIOCFoZa6y+pGBCnwxde
            i1U1eQPe5ePRIwNyvf2d7R0ggBwYCZmuHjfDUFsWTlb0Wa8rFtQicRffkgSFklTH
            sbxLYeP7RCMGz3NU2fBrkCXrJpnu62HQkeZwDumByf9cEhyMyfrMVMQdq5c9wnMW
            XbL+jVMpFzAKbv2UNUnNSUprsGnKaOnOY6kaznn6liD3T0jd7cMc0EmxitfQYLOg
            OyYTdr1aDxns6BIhqNS262L5e5D/veS4lsRWE7TmMsyANkepjHJaejaFJCN8MQjm
            c9RPaXawRtppvz2NdE1ChlqeMI6DdEwfUy/KCGqWK1FnaCzlVni46ihDAgMBAAGj
            XTBbMAkGA1UdEwQCMAAwDgYDVR0PAQH/BAQDAgWgMB0GA1UdDgQWBBSVLJt4lWZl
            iA4KTnm/8Mc1OGZCezAfBgNVHSMEGDAWgBRTIWyJ8KIh4h5K9WEIFZawgzER8DAN
            BgkqhkiG9w0BAQsFAAOCAQEAbvlLpWEw1w8XKcaKFJnY5UQidrkMzDSkCJ3hCQ8t
            QLP1awLIzHUUUmdPMpPP3R/tZJjpqv6w+DqjKvdDfH6og6FgBBQv3fhQPCWk2m6t
            AmOgh5wu4bTHS63pCRSiuYRSF981//H/COS5mRkW0EXxQ1XSCAOCNXgeU7HxHkoo
            tghqJDoLT62gTH0qPX1xggHwKbRn61ywgBGvuK+c+YWBviX1CAbjeCzzeUXwPZgH
            KVrW5R0wWZjunKF3UZ4FvS45xg4fatdzstQYJ5D2oOerHzslmnUH6OLfngFGpiKh
            dCFbEuk46ZR/wQQEXigZC4vRsKQ5T2Qkc6/ZUi9v809oFQ==
            -----END CERTIFICATE-----
            """,
        platformSerial: "34723C105626A691D3E3E53BBB1C810B7532657F",
        platformPrivateKeyPEM: """
            -----BEGIN PRIVATE KEY-----
            MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC+TlikxDNt42SH
            yU0N4Mos58LW1U42DzhjY2iJsiDx8yAcce/2rhUOZ+nfl7EzNrjNX7rppkkhBa95
            zY0sFI3akSq/jTGvE8Bcq9eJIsrw2IWnXIjbXlrzTm4zSM3VBKKoN270EPjzbxUI
            bMXcR56KNUzF2LcxVEIVezG0I7VMs/nIUWoH/fHAcUHWBotrp85UFlZkiY4eIe6v
            GKm2afDgXD6R8BnVB4ubVERjSjQ9SX/B5+uKEQ+S/CE3xmr37kU1Y1qCgj8CYZla
            ZNVwgtuweTnkEvwgQ869hxzgt/kQhWvTTFGlm19qk6XvBBx+Lb0O0zVIyb4kHiY9
            hsPIq4UPAgMBAAECggEAMYktM75KcMkm6t1wLDOeDLBLHCar1BCEKgK/PFBcmP4j
            FqRlxP0tR/Gug9/1ZRJSaksH2TfKg0j6kyb5H0c+YW02BmRXUW4/vR+R3AVtc+G4
            cIb6rLdTz09UCg9iXJd3S3gabndYhe0dOXMu0Zbm4qzbDgjKLpHzHapSlsRQteUU
            K1Wf75siZ5swq4DwVe1O+CLZKpSLqJ4AP3hSvdB6PzwRJtyMpvv1xLo7MB7ZRKXT
            LQdNnTVpzG5HVizmBu2t2aMHKi4dQqn9TGfZWl17CMlmLFarP754ANPMHd76MH31
            hqSk1sm381pr8cckLE1gwVbRi8ZbsGLQgId9t7q1yQKBgQDgxDxhka6SmQlxBAze
            Dysrxghmtq6i2gaOpa44wo+5Pf3CpIS30Esqxx3WTUvIw13vuCoTUObrcQ17PAA0
            uCcI29lvPsmF9lSll5z1sQuQDT7R0q8SZmPNEiCXQgAQq9WhHAAIIbZU031l4pBk
            TZGxyMKcVi+nRWwmFZaUUuSBPQKBgQDYwDmKV49nwbX/Jo8lkTnTlxsymk5B2j1O
            smnDQzCUh8Hl4EctzVJf1AR9Jbw/0G7BFRCB0mIOYAdpuYA/WIde0MTmAlFo6hYq
            uYEe8CZ+QFecOGUqLIAxOLEi5UdXYEmYfpHpRT+JM3OaR/uEJ6RqvF6PJ4Rh89UO
            24JNZSxsOwKBgQCqSmMI9SwTa5kopA3vrARkTMyOrXfQcGkpaEOAQ4BKs7nv31+i
            OFDK30Mu2y9AsywXdCuEqPXbibLSHFp3ltIUNyUc0LA0K7ZkI2NLDlEZWb+vjvUP
            dr3EYCiLEPklqFrZjnJDtu8Cg51tNON66v4oeVdgxTejfsh6bj7Ar7DqbQKBgQCe
            CUnq/HyrAipYpxyoH4MyK3LBKpD0otMgliVXIZ5CLdnKagR7+MCe7k93kBP501dt
            oJYwkdy87nd5Nq+zgDDziPSHYBlLjaIr9KWYkTD/zJoUZWodneS5/sPo1ZN2udXv
            QhnRI5R3zPP1AZb5fI385OttJTr40HgAJTyUgbgqEQKBgCwScOvI7LvoT1JuKKVj
            gSvcoJNh2eCVOPsTNf3+n+FfS9QdXYLxUuKUbaNOLGyAk4rH7bp/2EGisaVi+SvD
            r8PwkkV7dZgjOoNIAeBwQwv8FmdZghwyNkSOCdOeoIMcNgTvJv8I5Pc5kkwlo3tP
            +yDKQp0xwEQU6QlegL1wFqSp
            -----END PRIVATE KEY-----
            """,
        platformCertificatePEM: """
            -----BEGIN CERTIFICATE-----
            MIIDrTCCApWgAwIBAgIUNHI8EFYmppHT4+U7uxyBC3UyZX8wDQYJKoZIhvcNAQEL
            BQAwZzELMAkGA1UEBhMCQ04xEzARBgNVBAoMClRlbnBheS5jb20xJjAkBgNVBAsM
            HVNhbmRib3gsIG5vdCBhIHJlYWwgYXV0aG9yaXR5MRswGQYDVQQDDBJUZW5wYXku
            Y29tIFJvb3QgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjA2MDAxMDEwMDAwMDBaMFkx
            CzAJBgNVBAYTAkNOMRMwEQYDVQQKDApUZW5wYXkuY29tMRswGQYDVQQLDBJUZW5w
            YXkuY29tIHNhbmRib3gxGDAWBgNVBAMMD1RlbnBheS5jb20gc2lnbjCCASIwDQYJ
            KoZIhvcNAQEBBQADggEPADCCAQoCggEBAL5OWKTEM23jZIfJTQ3gyiznwtbVTjYP
            OGNjaImyIPHzIBxx7/auFQ5n6d+XsTM2uM1fuummSSEFr3nNjSwUjdqRKr+NMa8T
            wFyr14kiyvDYhadciNteWvNObjNIzdUEoqg3bvQQ+PNvFQhsxdxHnoo1TMXYtzFU
            QhV7MbQjtUyz+chRagf98cBxQdYGi2unzlQWVmSJjh4h7q8YqbZp8OBcPpHwGdUH
            i5tURGNKND1Jf8Hn64oRD5L8ITfGavfuRTVjWoKCPwJhmVpk1XCC27B5OeQS/CBD
            zr2HHOC3+RCFa9NMUaWbX2qTpe8EHH4tvQ7TNUjJviQeJj2Gw8irhQ8CAwEAAaNd
            MFswCQYDVR0TBAIwADAOBgNVHQ8BAf8EBAMCBaAwHQYDVR0OBBYEFOSwwmO17bS+
            OVjoIYdvIKVK+WyJMB8GA1UdIwQYMBaAFFMhbInwoiHiHkr1YQgVlrCDMRHwMA0G
            CSqGSIb3DQEBCwUAA4IBAQAKWUDzVTmEG94sX4AwTP2CJ91NR4efwdsRLcp3V+Ez
            cadtf5QiKLe4OKw3v9n+XIDFx1OBjQeFqSfvTG1w5RGAn5MLkBku1rESizb7qVyW
            XvnxV4p+xGnKZ+PGlET72KHTpUYX3/PpzrTnSVW80YO1tx+JJQtyrvZTLCgJGT8S
            xfH/mcRUtPRt1o2qzXN0vDMJV9pN7UpnY5Mq6k881lbPW9Gran9UVA9FtAymbSYf
            WF6phah2HF3ktGizti9n8FqCcAQXBwexCa8Y2p8MouX1vkJ7xVUhtgeNYUb/Zt1J
            WwnReC1lDqbdtjjH0lEQxKE4Pzm5XUmkCURt88ktGH1u
            -----END CERTIFICATE-----
            """,
        publicKeyPrivatePEM: """
            -----BEGIN PRIVATE KEY-----
            MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDOaTDD5PS94uHb
            C36egnJZubiLHGIYI9tpZgpjOUNz3EiyYf9jwbH8EdvZTYJ6Z187wP3N/Zpu1EQp
            GM7VYepQ9qLz6prstYQ1+Z4Tb+MeeUHYOde2eCNE2kNgrBS17AcnKR5a+MvDOSvV
            u8+f0S2ELPH2PtNWL/W1yOW6yje9WxeWNWp1MlSdN6S2U/ybLinQ+IFfRFsb9orQ
            nstrJQiBoHe+vhS6nAogDUFIKyfcs7zpP2ELKQ5JeeOYIc0Mvzx+V67Ar8OB7qVD
            FvogFGRFdreltJABu/tF75WJ2pXCNqtkKQLWtg149BI2wEB/GbUZ4EilWpwRdaNx
            4O2T8sFdAgMBAAECggEABEqOj3wKlIoLfQTTqJL4sqHYUtgPuAXC0YGkFKUDoHyD
            bGX6K8ZCn4V1hyKD5GySv8jG3gn4NHaoRhx0bF5BQ1alU6Hcf7BUY9ThMvFADQmj
            U038jJgZz5wkC3X4ZkHWcjt6HJUQk2n0XdiuO9na8uUGUMLEnQWZO6LGF+iNWRvq
            m4849cAsaEKgDUXUSOrDxgbpmNXxUc1X1H/MRKpEx3ebu8Ai26nHb+fE8G9SfL5Q
            1pXx/3VyP0y0l49/PMRGb2HosA3k1WH0iNTwrZXS2vsUJWknSVb7Y/+T8Hn71qLk
            z4EMim2hHUZhXYFOugHfFQHdKZzVuCuYljTP5kJ9IQKBgQD8X8fd8+J3YCUEOzRo
            2ANzvbd/y2hOcM+VF8LCYe6zVJB5wUYOoUdxdN0wVIv8Qw3UULOOEVPPe+2owak3
            BMGcEgwaJSN5DHfiS0cMWvS1bpMY7MlPfk8nH42iibRG1LNvIZvYuAUiZNB53zPX
            VQZCi8I8dDBJ7lxKlLiy9VdkLQKBgQDRYFv6POUc8hk9Ay2QbZLcQYipsUHDQGZx
            Gfl71/poA79xkaUAyCLhcP8+egID2WE4L45wWgsJfWvu4VoXiCEZlRi+O21PYs79
            0UyvktzmNbEl0THEgd8dznS/+m72aLmLqaKrZHXRozfcYTE9m9MsHoVa7B3DhxdT
            c8UY4Twf8QKBgQD2p9X7g0UvTvResk6CubyF/kG90Ntc7ryzBsn+mSBmfJvHo7II
            0m+033beqYM3RYHapBUZIK489u5MJRpw/2EKXEkftHR69kilDtWdqbfJKwzxK1uF
            KfnKTvhqhxN+tpu4XaynnxLFjqqCsjdEmYDIwTdRRm17lE73RWtO3KJQ8QKBgHpQ
            vqrrlDVawZ/BEYdEW/1MU5g+s1prbu037WWKAQFu3xJrsWdJhAcLyjEnebHh9keq
            kJ3WHIiIutssz0LcBeo6DeBkOzGbWa0x7ojLVT0vtLORCG/yJvP0voPAu74749lR
            WnSiFapIncOjC+8f7zfhBKrfMWweqWPZSBWGz2chAoGBAIMo9yaU7yhHrzmsxVnC
            zCyfVa08OMmz4LvZRT0I6Mgx40W2Ozt6ccADlZeNWvJXpNbWZpSLkND/ansZ2VIe
            NHpQgHFKpmO5GA5IZOhK+fieOCF9CLsqpzHp+4trxPdjoUUZO8vG48N65km1JbZf
            38Bwi3CB32GTxnrCj5kHWQ9P
            -----END PRIVATE KEY-----
            """)
}
