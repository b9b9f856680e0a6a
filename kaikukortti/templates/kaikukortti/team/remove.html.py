BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'Remove a member') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX
       gettext(u'Remove %(name)s?') 
        SSSSSS SSSSSSSSS
      
    XXXXX
    XX XXXXXXXXXXXXX
       gettext(u'%(name)s can no longer act for %(workplace)s, in force at once. What %(name)s has recorded stays.') 
        SSSSSSSS SSS SS SSSSSS SSS SSS SSSSSSSSSSSSSS SS SSSSS SS SSSSS SSSS SSSSSSSS SSS SSSSSSSS SSSSSS
      
    XXXX
    XXX gettext(u'Tokens stay as they are: revoke a token too if the person knows it.') XXXX
    XXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXXX
      BBBBBBBBBB
      XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXX XXXXXXXXX gettext(u'Remove') XXXXXXXXX
      XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBB BBBBBBBBBBBBBBBBBBBXX gettext(u'Back to the team') XXXX
    XXXXXXX
  XXXXXX
BBBBBBBB BBBB
