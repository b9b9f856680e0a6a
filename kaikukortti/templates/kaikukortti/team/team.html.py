BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
  BB BBB
     gettext(u'Team') 
  BBBB
     gettext(u'Team') X 
  BBBBB
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXX
    BB BBB BBB
      XXX
        XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBBBB BBBBBBBBXXXXXX
      XXXX
    BBBBB
    XXXX gettext(u'Team') XXXXX
    XX XXXXXXXXXXXXXBB BBBBBBBBBBBBBBBBBBBBBB BB BBBBBBBBBB X BBBBBXXXX
    BB BBBBBBBBBB
      XXX
        XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBXX gettext(u'Audit trail') XXXX
      XXXX
    BBBBB
    BB BBB BBBBBB
      XXX gettext(u'The contact person of the workplace invites and removes members and makes links to a new password.') XXXX
    BBBBB
    XXXXXXXX XXXXXXXXXXXXXXXX
      XXXX XXXXXXXXXXXXXXX
        XXX XXXXXXXXXXXXX gettext(u'Members') XXXXX
        BB BBBBBB BBB BBB BBBBBBBBBBBBB
          XX XXXXXXXXXXXXXX XXXXXXBBB BBBBBBBB BBBBBBBBXX gettext(u'Invite a person') XXXX
        BBBBB
      XXXXXX
      BB BBBBBBBBBBBBB
        XXXXXXX
      BBBBB
      BB BBBBBBBBBBBBBBBBBBBB
        XXXXX XXXXXXXXXXXXXX
          BBBBBBBBBB
          XXXX XXXXXXXXXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXXXXXXX XXXXXXXXXXXXX
            XXXXXX XXXXXXXXXXXXXX
              XXXXXXX
                XXXX
                  XXX XXXXXXXXXXXX gettext(u'Name') XXXXX
                  XXX XXXXXXXXXXXX gettext(u'Task') XXXXX
                  XXX XXXXXXXXXXXX gettext(u'Member since') XXXXX
                  BB BBBBBB
                    XXX XXXXXXXXXXXX gettext(u'Actions') XXXXX
                  BBBBB
                XXXXX
              XXXXXXXX
              XXXXXXX
                BBB BBBBBB BB BBBBBBBB
                  BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
                BBBBBB
              XXXXXXXX
            XXXXXXXX
          XXXXXX
        XXXXXXX
        BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
      BBBB
         gettext(u'This workplace has no members yet.') 
         gettext(u'Invite its contact person.') 
        BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
      BBBBB
    XXXXXXXXXX
    BB BBBBBBBBBBBBB BB BBBBBBB
      XXXXXXXX XXXXXXXXXXXXXXXX
        XXXX gettext(u'How people sign in') XXXXX
        XXX
          BB BBBBBBBBBBBBBB
             gettext(u'Only through %(name)s.') 
              SSSS SSSSSSS SSSSSSSSS
            
          BBBB
             gettext(u"With the register's own sign-in, or any other way.") 
          BBBBB
        XXXX
        BB BBBBBBBBBBBBB
          XXX
            XX XXXXXXXXXXXX
               XXXXXXBBB BBBBBBBBBBBBBBBBBBBB BBBBBBBBXX gettext(u'Change how people sign in') XXXX
          XXXX
        BBBBB
      XXXXXXXXXX
    BBBBB
    BB BBBBBB BBB BBBBBBBBBB BB BBBBBBB
      XXXXXXXX XXXXXXXXXXXXXXXX
        XXXX gettext(u'Policies of the venue') XXXXX
        XXX gettext(u"How many own tickets the venue gives to one card, and what a child's age is here.") XXXX
        XXX
          XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBBBBBB BBBBBXX gettext(u'See and plan') XXXX
        XXXX
      XXXXXXXXXX
    BBBBB
    BB BBBBBB
      BB BBBBBBBBBB
        XXXXXXXX XXXXXXXXXXXXXXXX
          XXX XXXXXXXXXXX gettext(u'Links that have not been used yet') XXXXX
          XXXXX XXXXXXXXXXXXXX
            BBBBBBBBBB
            XXXX XXXXXXXXXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXXXXX XXXXXXXXXXXXX
              XXXXXX XXXXXXXXXXXXXX
                XXXXXXX
                  XXXX
                    XXX XXXXXXXXXXXX gettext(u'For whom') XXXXX
                    XXX XXXXXXXXXXXX gettext(u'What for') XXXXX
                    XXX XXXXXXXXXXXX gettext(u'Valid until') XXXXX
                    XXX XXXXXXXXXXXX gettext(u'Actions') XXXXX
                  XXXXX
                XXXXXXXX
                XXXXXXX
                  BBB BBBB BB BBBBBBBBBB
                    BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
                  BBBBBB
                XXXXXXXX
              XXXXXXXX
            XXXXXX
          XXXXXXX
        XXXXXXXXXX
      BBBBB
      BB BBBBBBBBBBB
        XXXXXXXX XXXXXXXXXXXXXXXX
          XXXX XXXXXXXXXXXXXXX
            XXX XXXXXXXXXXXX gettext(u'Tokens for machines') XXXXX
            XX XXXXXXXXXXXXX XXXXXXX XXXXXXBBB BBBBBBBBBBBB BBBBBBBBXX gettext(u'Make a token') XXXX
          XXXXXX
          XXX gettext(u"With a token, a ticket system or a client file makes the same calls as this workplace's people make by hand.") XXXX
          BB BBBBBB
            XXXXX XXXXXXXXXXXXXX
              BBBBBBBBBB
              XXXX XXXXXXXXXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXXXXXX XXXXXXXXXXXXX
                XXXXXX XXXXXXXXXXXXXX
                  XXXXXXX
                    XXXX
                      XXX XXXXXXXXXXXX gettext(u'What for') XXXXX
                      XXX XXXXXXXXXXXX gettext(u'Made') XXXXX
                      XXX XXXXXXXXXXXX gettext(u'Last used') XXXXX
                      XXX XXXXXXXXXXXX gettext(u'Actions') XXXXX
                    XXXXX
                  XXXXXXXX
                  XXXXXXX
                    BBB BBBBB BB BBBBBB
                      BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
                    BBBBBB
                  XXXXXXXX
                XXXXXXXX
              XXXXXX
            XXXXXXX
          BBBB
             gettext(u'There are no tokens.') 
             gettext(u'A workplace that uses only these pages needs none.') 
            BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
          BBBBB
        XXXXXXXXXX
      BBBBB
    BBBBB
  XXXXXX
BBBBBBBB BBBB
