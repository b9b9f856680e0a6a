XXXX
  XXX XXXXXXXXXXXX
    
    BB BBBBBBBBBBBBBB BB BBBBBBBBBBBBBXXXXX XXXXXXXXXXXXXX gettext(u'you') XXXXXXXXBBBBB
  XXXXX
  XXXX
    BB BBBBBBBBBBBBBBBBB
      XXXXX XXXXXXXXXXXXBBBB BBBBBB  gettext(u'contact person') XXXXXXX
    BBBBB
    
  XXXXX
  XXXXFFFFFFFFFFXXXXX
  BB BBBBBB
    XXXX
      XXXX XXXXXXXXXXXX
        XXXXXXX XXXXXXXXXXXXX
                XXXXXXXXXXXXXXXXXXX
                XXXXXXXXXXXXBBB BBBBBBBBB BBBBBBBB BBBBBBBBBX
                XXXXXXXXXXXXXXXXX
                XXXXXXXFFFFFFFFFFFX
                XXXXXXXXXXXXBB BBBBBBBBBBBBBBBBB gettext(u'No longer contact person') BBBB gettext(u'Make contact person') BBBBBX XX
          BB BBBBBBBBBBBBBBBBB
             gettext(u'No longer contact person') 
          BBBB
             gettext(u'Make contact person') 
          BBBBB
        XXXXXXXXX
        XXXXXXX XXXXXXXXXXXXX
                XXXXXXXXXXXXXXXXXXX
                XXXXXXXXXXXXBBB BBBBBBBBBBBBBB BBBBBBBB BBBBBBBBBX
                XXXXXXXXXXXX gettext(u'New password') X XX gettext(u'New password') XXXXXXXXX
        XX XXXXXXBBB BBBBBBBBBBBB BBBBBBBB BBBBBBBBBX
           XXXXXXXXXXXX gettext(u'New second factor') X XX gettext(u'New second factor') XXXX
        XX XXXXXXBBB BBBBBBBBBBBBBBB BBBBBBBB BBBBBBBBBX
           XXXXXXXXXXXX gettext(u'Remove') X XX gettext(u'Remove') XXXX
      XXXXXX
    XXXXX
  BBBBB
XXXXX
