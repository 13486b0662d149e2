import { UnreachableError, type Api } from './client';

/**
 * Sends one file as the part `file` of a form; `onProgress` hears which part of it has left, from 0 to 1.
 * `fetch` cannot tell that, so this is the one request made otherwise.
 */
export function sendFile<Answer>(
  api: Api,
  method: 'POST' | 'PUT',
  path: string,
  file: Blob,
  onProgress: (part: number) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, api.url(path));
    request.responseType = 'json';
    request.withCredentials = true;
    request.setRequestHeader('Accept', 'application/json');
    if (api.language) request.setRequestHeader('Accept-Language', api.language);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onerror = () => reject(new UnreachableError('The server cannot be reached.'));
    request.onload = () => {
      if (request.status < 300) resolve(request.response as Answer);
      else reject(api.refusal(request.status, request.response));
    };
    const form = new FormData();
    form.set('file', file);
    request.send(form);
  });
}
