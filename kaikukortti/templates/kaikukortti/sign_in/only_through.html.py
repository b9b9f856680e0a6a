BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'Come in through your organisation') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'Come in through your organisation') XXXXX
    BB BBBBBBB
      XX XXXXXXXXXXXXX
         gettext(u'%(place)s has decided that its people sign in through %(name)s. You came in by another way.') 
          SSSSSSSSS SSS SSSSSSS SSSS SSS SSSSSS SSSS SS SSSSSSS SSSSSSSSS SSS SSSS SS SS SSSSSSS SSSS
        
      XXXX
      BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
      XXX XXXXXXXXXXX gettext(u'Is it not tied to you yet?') XXXXX
      XXX gettext(u'Ask the contact person of your workplace for a one-time link. With it you come in through the organisation.') XXXX
    BBBB
      XX XXXXXXXXXXXXX
         gettext(u'%(place)s has decided that its people sign in through an organisation that this register does not know any more.') 
          SSSSSSSSS SSS SSSSSSS SSSS SSS SSSSSS SSSS SS SSSSSSS SS SSSSSSSSSSSS SSSS SSSS SSSSSSSS SSSS SSS SSSS SSS SSSSS
        
      XXXX
      XXX gettext(u'Tell the national service: it opens the other ways again.') XXXX
    BBBBB
    XXXX XXXXXXXXXXXXXXXX
      XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBBBBBBBBBBBXX gettext(u'Choose another workplace') XXXX
      XXXXX XXXXXXXXXXXXX XXXXXXXXBBB BBBBBBBBBBXX
        BBBBBBBBBB
        XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXX gettext(u'Sign out') XXXXXXXXX
      XXXXXXX
    XXXXXX
  XXXXXX
BBBBBBBB BBBB
