BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'Your sign-in') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'Your sign-in') XXXXX
    BB BBBBBBB
      XX XXXXXXXXXXXXX gettext(u"Besides the password you confirm with one of these that it is you, before holders' data open.") XXXX
      XXX XXXXXXXXXXXXXX XXXXXXX
        BBB BBBBBB BB BBBBBBB
          XXXX
            XXXXX
              XXXXXXX
              XX XXXXXXXXXXXX XXXXXX
                BB BBB BBBBBBBBBB
                   gettext(u'Passkey')  X
                BBBBB
                 gettext(u'since')  FFFFFFFFFF
                BB BBBBBBBBBBB
                  X  gettext(u'last used')  FFFFFFFFFF
                BBBBB
              XXXX
            XXXXXX
            XX XXXXXXBBB BBBBBBBBBBBB BBBBBBBBBX
               XXXXXXXXXXXX gettext(u'Change') X XX gettext(u'Change') XXXX
          XXXXX
        BBBBBB
      XXXXX
    BBBB
      XX XXXXXXXXXXXXX gettext(u"Set up a second factor: holders' data open only to who confirms with it that it is them, and not to a password that somebody has learned.") XXXX
    BBBBB
    XXXX XXXXXXXXXXXXX
      XXXXXXXX XXXXXXXXXXXX
        XXX XXXXXXXXXXX gettext(u'App on your phone') XXXXX
        XXX gettext(u'An app shows six digits that change every half a minute. Any authenticator app does.') XXXX
        XXX
          XX XXXXXXXXXXXXX BB BBBBBBBBXXXXXXBBBBBX
             XXXXXXBBB BBBBBBBBBBBBBB BBBBXXXXXXFFFFFFFFFBBBBBXX
            BB BBBBBBBB
               gettext(u'Move to another phone') 
            BBBB
               gettext(u'Set up an app') 
            BBBBB
          XXXX
        XXXX
      XXXXXXXXXX
      XXXXXXXX XXXXXXXXXXXX
        XXX XXXXXXXXXXX gettext(u'Passkey') XXXXX
        BB BBBBBBBBBBBBB
          XXX gettext(u'Your phone, computer or security key confirms it with a finger, a face or a PIN. With a passkey you also sign in without the password.') XXXX
          XXX
            XX XXXXXXXXXXXXX XXXXXXX
               XXXXXXBBB BBBBBBBBBBBBBBB BBBBXXXXXXFFFFFFFFFBBBBBXX gettext(u'Add a passkey') XXXX
          XXXX
        BBBB
          XXX gettext(u'Browsers make passkeys only where the register has a name: this address is made of numbers.') XXXX
        BBBBB
      XXXXXXXXXX
    XXXXXX
    BB BBBBBBB
      XXXXXXXXX
        XXX XXXXXXXXXXX gettext(u'Recovery codes') XXXXX
        XXX
           ngettext(u'You have %(left)s code for the day the phone is not with you.', u'You have %(left)s codes for the day the phone is not with you.', count) 
            SSS SSSS SSSSSSSS SSSS SSS SSS SSS SSS SSSSS SS SSS SSSS SSSS
          
            PPP PPPP PPPPPPPP PPPPP PPP PPP PPP PPP PPPPP PP PPP PPPP PPPP
          
        XXXX
        XXXXX XXXXXXXXXXXXX XXXXXXXXBBB BBBBBBBBBBBBBBBBXX
          BBBBBBBBBB
          XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXX XXXXXXXX gettext(u'Make new recovery codes') XXXXXXXXX
        XXXXXXX
      XXXXXXXXXX
    BBBBB
    BB BBBB BB BBBBBBBB
      XXXXXXXXX
        XXX XXXXXXXXXXX gettext(u'Your organisation') XXXXX
        BBB BBBBBBB BB BBBB
          XXXXX XXXXXXXXXXXXX XXXXXXXXBBB BBBBBBBBBBBBBBBBBBBB BBBBBBBBBBXX
            BBBBBBBBBB
            XXX
               gettext(u'You come in through %(name)s.') 
                SSS SSSS SS SSSSSSS SSSSSSSSS
              
              XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXX gettext(u'No longer') XXXXXXXXX
            XXXX
          XXXXXXX
        BBBBBB
        BBB BBBBBBB BB BBBBBBBB
          XXX
             gettext(u'If you work at %(name)s, sign in there once and come in through it from then on.') 
              SS SSS SSSS SS SSSSSSSSS SSSS SS SSSSS SSSS SSS SSSS SS SSSSSSS SS SSSS SSSS SSS
            
          XXXX
          BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB BBBB BBBBBBBBBBBBB
        BBBBBB
      XXXXXXXXXX
    BBBBB
  XXXXXX
BBBBBBBB BBBB
