import { currentTask } from 'offloop';

/** The first request of a thread loads what `fetch` needs; await it once, and that is no part of what is measured next. */
export async function ready(service: string): Promise<void> {
  await fetch(`${service}/0`);
}

/** Send message `x`; when that fails, raise the alarm. Fails itself never: what goes wrong last is printed. */
export async function doSomeWork(service: string, alarm: string, x: number): Promise<void> {
  console.log(`Waiting ${x}`);
  try {
    console.log(await get(`${service}/${x}`));
  } catch {
    try {
      console.log(await get(`${alarm}/error`));
    } catch (error) {
      console.log(String(error));
    }
    return;
  }
  console.log(`Done ${x}`);
}

async function get(url: string): Promise<string> {
  // With the task's signal, a cancel of the job reaches the request.
  const response = await fetch(url, { signal: currentTask().signal });
  console.log(response.status);
  return response.text();
}
