package ui
import ("testing";"os";"image/png";"path/filepath";"strings")
func TestShots(t *testing.T){
 dir:=os.Getenv("SHOTS"); if dir=="" {t.Skip("no")}
 s:=newStation(t,0.5)
 for _,l:=range strings.Split(os.Getenv("L"),","){ for _,x:=range samples{ if f:=os.Getenv("F"); f!="" && !strings.HasPrefix(x.name,f){continue}
  s.show(x,l); f,_:=os.Create(filepath.Join(dir,l+"_"+x.name+".png")); png.Encode(f,s.Window().Canvas().Capture()); f.Close() }}
}
