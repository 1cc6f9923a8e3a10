// PUBLISHED TEST KEYS. Anybody can read them, so they protect nothing: they exist so that tests and examples are
// repeatable. They open no account at WeChat Pay. Never use them for anything but this sandbox.

extension PublishedTestKeys {
    /// The keys of the sandbox's merchant 1900000002.
    static let publicKey = PublishedTestKeys(
        serialNo: "382A8DDC13960EEFDE0D7C900107DCFD7E1BBED4",
        privateKeyPEM: """
            -----BEGIN PRIVATE KEY-----
            MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDu6XMvRDRc9AT0
            mRGTBRzINoYnjAy/WFb2c5GAOAAQcb8LUX6WPh9s4J5j6+BxOW8LhRYHOLv8X0I+
            1aT8KEyVM3AQMBhbAUbAnf2TpDn42+fLGbGMdhqRfGDDMlveiX52+0bm5q6zTEV9
            TVByqydmlTT56sPh0HchMCxtsuJPmuNUw2/uPsxYup3aJU1llYbFKLxSSgJA5Z2e
            C1v/twnqaX16PHvW3TZ4hfAq1vMs+AGujYpW6LTX+l9CS6uM6M6rBzFMlj5aHoCR
            EifNJ7mWK500mPpvJ3QtYyn1O4qB4MrMJBITzugxguhx/O4PFurHkk4CZGRO12qY
            10kTAL95AgMBAAECggEABmQUDtkBGhX0fnsMQW2u9QuhV9Q7IJC7Rc02YJLO7KGw
            UbwQufHoOwxArG1aRAkcZ3dcTR3nSHNfZSknqE+nKcwWFLbGpgORGhS33G/VlarD
            Rvd1XIupvwfP2lTh6IBu0725yjI0TOtOxhDwBJs/uvKll8RgEE24bBi67YXOIEE4
            FXOsw4Hswsy6YWuSADuHPJmYZHvmtyV38T/Jm1FZpbYvuXQebplPzUbJPU+WmKJj
            jDQsmz9TEVEAH7slQxeH8smiVwSVKH4qhRr2mmVgjbfezNYnedjn9zbgRgvkXVij
            f/FO+6UqPlymYfgZQkKOkWSqcPvonavlRtcp5buGkQKBgQD5yGknNWev3Xci8AQR
            pZK+Wbv+oUu0ZkSD24lkPriIcB2224npnmbM5i1gulI3WhTuNRLTYm1TiWur6WIj
            3rnPiE2+HvRJ0CTfw6RrQIyTdBKkU4rKCTdMIkej3LvJntdFfJEnaR3w1ob52WqL
            Ur80qtOdEmo7ttycGGZN5ofO0QKBgQD028VOoK6fhjw+a5s7Ax+Skown27MEc4bu
            UnRolExu9cQgxRamxz1GwAVJiL9Nojnz3Wap+GFExmETlJjaKwdTozbd4c1fN6kz
            +WcijMqdSzuh1heLNQ4jGPK/g1jLySKyLvJyM/ONNadduMqSbvnvCGUhBrS6NJJQ
            qrAQ0Z6gKQKBgQCIbSjZzHaEfK68e2GNjeSXaQWgLtLdhln3tunUwdkiVDI2lLQ/
            0E+PrEyunzWWm/IApSZSJFlYHh+b9s2uj9DnBCiKJfgBdNkfCol8NvZQ9z3TWPne
            HaiBQdvlKQO8PLCReFcDsosy5sk0H8bsr9ZVWtRX3x383YSjEUSXWcllcQKBgQCT
            +56rfoEK+F3Ae9g9Og4Cz37VN/phXlDWCA9ChR4MkYwPIg4mjZODBtorLvIvQTQ1
            JkG9x9dBcYOKCey3LfonmiS2xJkSStmAB+NFBkIN/kHz9SgVgeMhYxqSlBc+Ujkd
            5zGvw6YWWa7k/aGwDlIPHMvBwgPH5a3oAsCV6ZoswQKBgQCRdJooT+aZjYDI7Sva
            OwAL3Pp2vPn41fSPA8wRC2T3kTSmJ30k7h8n3/yUEMxk7dGKE7eFc51AVr9yAPxm
            B+BsajQ4XAlrUQjKLq4uKsBJznzr9ikd4ZMUg2YIVsN2dxurWofI3X7yfeeXxUWF
            BHf5aGzVnt+5/i/80MpozWj2LQ==
            -----END PRIVATE KEY-----
            """,
        certificatePEM: """
            -----BEGIN CERTIFICATE-----
            MIIDrjCCApagAwIBAgIUOCqN3BOWDu/eDXyQAQfc/X4bvtQwDQYJKoZIhvcNAQEL
            BQAwZzELMAkGA1UEBhMCQ04xEzARBgNVBAoMClRlbnBheS5jb20xJjAkBgNVBAsM
            HVNhbmRib3gsIG5vdCBhIHJlYWwgYXV0aG9yaXR5MRswGQYDVQQDDBJUZW5wYXku
            Y29tIFJvb3QgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjA2MDAxMDEwMDAwMDBaMFox
            CzAJBgNVBAYTAkNOMRkwFwYDVQQKDBBTYW5kYm94IG1lcmNoYW50MRswGQYDVQQL
            DBJXZUNoYXQgUGF5IHNhbmRib3gxEzARBgNVBAMMCjE5MDAwMDAwMDIwggEiMA0G
            CSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDu6XMvRDRc9AT0mRGTBRzINoYnjAy/
            WFb2c5GAOAAQcb8LUX6WPh9s4J5j6+BxOW8LhRYHOLv8X0I+1aT8KEyVM3AQMBhb
            AUbAnf2TpDn42+fLGbGMdhqRfGDDMlveiX52+0bm5q6zTEV9TVByqydmlTT56sPh
            0HchMCxtsuJPmuNUw2/uPsxYup3aJU1llYbFKLxSSgJA5Z2eC1v/twnqaX16PHvW
            3TZ4hfAq1vMs+AGujYpW6LTX+l9CS6uM6M6rBzFMlj5aHoCREifNJ7mWK500mPpv
            J3QtYyn1O4qB4MrMJBITzugxguhx/O4PFurHkk4CZGRO12qY10kTAL95AgMBAAGj
            XTBbMAkGA1UdEwQCMAAwDgYDVR0PAQH/BAQDAgWgMB0GA1UdDgQWBBTVD5Pp+FoB
            lIiFZosGRji3/X0qHzAfBgNVHSMEGDAWgBRTIWyJ8KIh4h5K9WEIFZawgzER8DAN
            BgkqhkiG9w0BAQsFAAOCAQEAlLThyFWYAclbt21bgw5tiGFq65U8l81LHWYGD5tJ
            Y2IoFXpiSUYtY+OPWQecTd050sTwU0ZZpJx9gHxwA+dxLnwCNN+PJjAbRn2+qV9z
            15NJpOlyTjMuDXZdSVKVlp6Ap1/HmYjXWGw/tKOn/IhK9B81ASVtJKR3NGCLgYLV
            ZMCwna0cM2gia8/234P6+nRpWgO726qBJ/XkGufQrsJLotcUTVA7NA1ivLxEa/zE
            cHJHDuvkI/jqv+WySqiQHa7xMCAlb30jwAf4PO7YhMXUe03rHeMYV2UH+j9aPKg0
            dbTC/y49bXv+HrNGT94CGPb1EfCaPc9yRrfAr7QIdQGJqw==
            -----END CERTIFICATE-----
            """,
        platformSerial: "3D34B26688D89F61A304D4EBB2CC09EC24395F53",
        platformPrivateKeyPEM: """
            -----BEGIN PRIVATE KEY-----
            MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCMNPUtvubCQFic
            lanrATzdYjlQWQFb+7QWPNlj7xuKv0tx55Wn15r91cVeN9qZl4b2BOjAR5LOBWKI
            k/6vBAWabxzH+wt6tplKMVKf6ymQmbWKc7RkvrA1O6kl8isQ28pg1+8BK+ff25tt
            qmJaPAM6YeXkr3UZgdubqSpL1K1wMOcsp4wzx6owq8aXi3mxQV8KrzbY9bsfIpyr
            89NxJXuDyTGSwNJNRJtUiPiRpUnPE0WngHI7RmD/x4T/1NJquRXui5gLR3KFZtcB
            d5J0u+rwbuXJs1bx3QMjSAZrw/i+73HcNOyohSYkHnaDTnXakgnAjB6wFeNDOCNx
            2AvvTgFBAgMBAAECggEALsXP8QXZZ34d0YbgG4TbMCN/aT14BZ6Pcke0YfE3Z+7v
            FT2joE196CYzZH4Pj+OL43C50MNPxyjmuRdeBDa8Q8vDdzdZmgNmWejgXncN865D
            cL+us1kl4WxYvk7ubP5Voj8G/YYPIY/aZxhLHT0d+pEEJ2kdEHhQsboaYRe/EEjR
            vLmHywCss65DyILZOhW9XMn0vjuRXOZjYCiE71JDSetFqQxTEgwsjQqob0I13RN3
            iRS8Zp8kL1fTftmFhCtOCbSFzzJxKrtBOPJwIO0HWt/pvBdcT8cyGKHUrycy3IU6
            eRYRlJYQMuRNnZI0yQ3DAWONFUAJfUJKSjZrbzwPzQKBgQC/WQf18xqK6VXkZj9/
            BwZGE9DGqBwXoyDWfntWtqrj6JLJ/6rit64YS6Qs3R3IoKFLI8Xin+mYO6u5TSo9
            wiaimxc5vxlJF6WUtuzT8kqMuvQnbvNzHX/y4PSsFcYMyjCWit8KGK92zAAlKbIS
            WMnk4sWDemgO7MVTEyFVUTx++wKBgQC7lGbfcOy6/wfz70u/f64B1RJ60hVTVzIk
            VlZXhKkkI5J9xYeJtZAojfqdwkq4Zid0G+k9f0n4PdOQIvhHeXq8nUBogugT2LPa
            NHxURFjAdm1+RQEbHoAxXP0NQP+ej5yGcfaBTwEs/D3VTatlVJ/aB9E7mBIZXEVF
            JwcdB+cb8wKBgQC5jhvDLTFDHg1WBLV0eJpj4Jln2+QKI/4XIuZ2a4OCqamXS2Aq
            pValZszZWL+mK+bd193w64P6RXs8oZDh/OG8c8ttC1z43X6LnWxCCEa0/CMCDnz0
            19mY7P831ZGOG5BMnHS39MJK4H8PisSNOB7o3+QLoOtB9edQrU94zeNtewKBgEsB
            tnkWkLLdk/KI94MlrRDygKc4Jmri7Rv2oiPw2imnR8afG+mG/pQY4eP/cx11S8Vz
            +7opkgx/vH9gXGNIQjn1r3GbFu4IszJH1odjpRGgyXu6YAzWD3CtvEp2eUCQMIja
            PTXLv66bVqZannSweBMZGSN5VZNqgBB84K1NIa7dAoGAKQBtIJNkPsrgqiHVLAdn
            nY4MJvXrFZqIKx64tMkgv+lt/EB6zFO5lI8mR7OK9j5V14IIGurmkQpdJBqdorQP
            drvPHjVapYRcY2IizsvfjByE9TESuJGSCE3QHyT+36S918stSuEpUKSRdCuLAvWV
            ly4AeOHKbSGNSh8KEWXBhmo=
            -----END PRIVATE KEY-----
            """,
        platformCertificatePEM: """
            -----BEGIN CERTIFICATE-----
            MIIDrTCCApWgAwIBAgIUPTSyZojYn2GjBNTrsswJ7CQ5X1MwDQYJKoZIhvcNAQEL
            BQAwZzELMAkGA1UEBhMCQ04xEzARBgNVBAoMClRlbnBheS5jb20xJjAkBgNVBAsM
            HVNhbmRib3gsIG5vdCBhIHJlYWwgYXV0aG9yaXR5MRswGQYDVQQDDBJUZW5wYXku
            Y29tIFJvb3QgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjA2MDAxMDEwMDAwMDBaMFkx
            CzAJBgNVBAYTAkNOMRMwEQYDVQQKDApUZW5wYXkuY29tMRswGQYDVQQLDBJUZW5w
            YXkuY29tIHNhbmRib3gxGDAWBgNVBAMMD1RlbnBheS5jb20gc2lnbjCCASIwDQYJ
            KoZIhvcNAQEBBQADggEPADCCAQoCggEBAIw09S2+5sJAWJyVqesBPN1iOVBZAVv7
            tBY82WPvG4q/S3HnlafXmv3VxV432pmXhvYE6MBHks4FYoiT/q8EBZpvHMf7C3q2
            mUoxUp/rKZCZtYpztGS+sDU7qSXyKxDbymDX7wEr59/bm22qYlo8Azph5eSvdRmB
            25upKkvUrXAw5yynjDPHqjCrxpeLebFBXwqvNtj1ux8inKvz03Ele4PJMZLA0k1E
            m1SI+JGlSc8TRaeAcjtGYP/HhP/U0mq5Fe6LmAtHcoVm1wF3knS76vBu5cmzVvHd
            AyNIBmvD+L7vcdw07KiFJiQedoNOddqSCcCMHrAV40M4I3HYC+9OAUECAwEAAaNd
            MFswCQYDVR0TBAIwADAOBgNVHQ8BAf8EBAMCBaAwHQYDVR0OBBYEFJS9j9dqOzYs
            Suu2BRE3ug9JTtASMB8GA1UdIwQYMBaAFFMhbInwoiHiHkr1YQgVlrCDMRHwMA0G
            CSqGSIb3DQEBCwUAA4IBAQAicQcKyg5yIiM/8ap/PFM5quJGNs5J4SlbPrv8AmHt
            ZTYTcioUbrqcgKv7jhcH3Tp1qelurm0m1UA+9mhcfyQv/AZIpwQeGB7V32VvkGhF
            5sObxHAdMeFtqNPEXsVHTvsio3X+Y7+4tzRBD263yQFxywOEeSgD48jYuTdevRuh
            mAmpFeHcZ892YHB25ek1bemENg5wAEqEEpxtvxaC+iHW4jL3ZlAE1WLw+XcXFEhw
            1JqtXCCYcyyZOn0QoBTCiLOWTZF+goHKdzBeXsvBuSN7IuY58h2fVyloG6mQ1hGT
            Jj1VmLpkQVeppk2nXC/hYhjdOtsd3qBkxKEoxTDQ229q
            -----END CERTIFICATE-----
            """,
        publicKeyPrivatePEM: """
            -----BEGIN PRIVATE KEY-----
            MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC9s9dsjeCKNMPr
            A7DgNp9/wK4FNt4WIBmQX2BkUSScm5Gi/weuGVlHx62seO/CQvQ+S92wTwT9STN3
            /70dNqNdqJRq2tKTMI5IwYa388rx2ZUGpatWtp1kPf1x7AOpTi0msLShLikvSjsa
            BVsyWl/z+nCg8MVVchWbZSx4g5BcX/RFmtDTPdqhLFlPFa7X7eY+qAh0YqFlRrbq
            KjByJJnCdAZ/iex2RK6hll8Sl6mMS+xl6DWFu6NUH2JZ7TnjfYv29vAQYR1NnxFm
            rB/ulHRK+QW0OixZVlE6LNOhgd1WqoPufwPq0yZqRc2SuviWwtZff2dgApXZxQKP
            YP3MXMtXAgMBAAECggEAAmw6kxtYw8sauXSpnKN19Aa88joaKgQs72gYbg+PPSTL
            fl5tda7DMiR9tlcxELUUM3t6kFbiBG4b5ytv+eCJw5d0lczHpbOYDZvTIaROcjpK
            KfSRtKDOb8pO41aVUWM7NmRJWkmhowX6rUFmQcVftlj7eUK58nZrijmHkN51SIi3
            jyp94Rb4H4G/wjshG16/Czbj+Z/oVOv7vXGHgD/yOlLtz1EBAMnMUnHnAhXSuu7x
            aGe2yRF7SBs28vxGx/QTbv7pwGazF7eK40Sd3o/A8OgpM/4hW6nl44t8VS3+FaSo
            YxDosCoOqfuyh3R/jH1alI4OdNUHvrqJtj9UUahbCQKBgQDjkqf4qlvvD+170/TM
            dDDeqMhpjnY3JCSXKnPppOF1spYLNIE5qSZwavW1YwTdMdnJ76OiBQ10XR4z9H0Y
            3dytw8Izk8Pv6rOrgxLveF2W2XFBKeDEqRICHlCgyOTpH/ZkL0RJLtgHjDxacGrS
            m02W2oHDe7uP57cVWVe+D7fXSwKBgQDVZiniYYMKUCNBzqkxJbHkbJpwjnwuDadG
            J+0KnbfUw1sI+0NTIeaLNt1jpiS/RqpOtFGrbQYpleWjK95O1G36URLdHfePIeJX
            4LEA//bJqrGi2Xao5gTUBRzFc+M4OYj9RRpiUe1o3yZZZUlrG+iIpYW97GL8O190
            dt1WrhAYpQKBgB+DKFVLqc1RxE3YTNae5EGA17eeLYp3K8Xu7/wTg9DbeOF2VMqa
            PKNmfD2wx3SluYW39E20K2fImS0SltwBpNQ+/j5MIN6w/k4qqU2VukfwNjmSxfgV
            fVPjxMBu8RvC/EhlLyx/GxT4e0b+uBwPu0+/VCawlIlZycVgCMFdxdQ/AoGBAKNz
            62UAt7RwiXDgcGu6qbWDEhBgsvE7eAKelkvpXmNTdyk7++dzMfkz/wNSwRbZc51x
            NJUPnwa/T/NZqJ/MyqhO7Rn82CAEHjCdZDaV2FvDqOhJlT/tX4lemRkMmN/6Adms
            0na4thX7xo32rPOjnsr7raM5qt/0QjscyJCaJq4ZAoGAP3GgPc/WcMjlyN6Vyuwg
            ERXAyt9ermIJZxht2v/Udd/uXzlYecIZmEEM+3jOXVlot10l1W+dBjcc8IZR4Kv5
            SsPZpnuXN7tvL1ytNPrzX796wBrvm7lnXVKjecRqPftBfXtd0uHQtPXZpuHWY0Nk
            vkQs2tc9PBz7WASvk3dyO1c=
            -----END PRIVATE KEY-----
            """)
}
