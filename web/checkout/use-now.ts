import { useEffect, useState } from "react";

/** Unix seconds, told anew each second. */
export function useNow(): number {
  const [now, setNow] = useState(currentSecond);
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(currentSecond());
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}

function currentSecond(): number {
  return Math.floor(Date.now() / 1_000);
}
