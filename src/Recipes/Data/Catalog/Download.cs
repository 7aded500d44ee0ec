using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Recipes.Data;

/// <summary>One file over HTTP into <c>FILE.part</c>, continued where it stopped, moved into place after its checksum is right.</summary>
internal sealed class Download(DataGetOptions options) : IDisposable
{
    private const string SeenExtension = ".sha256";
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(30) };

    public void Dispose() => _client.Dispose();

    /// <summary>Whether the file is there with the right length and checksum.</summary>
    public static async Task<bool> IsWholeAsync(string path, DataFile file, CancellationToken cancellation) =>
        File.Exists(path)
        && new FileInfo(path).Length == (file.Bytes ?? new FileInfo(path).Length)
        && await HashAsync(path, cancellation) == (file.Sha256 ?? Seen(path));

    // What the first download of a file without a published checksum had.
    private static string? Seen(string path) => File.Exists(path + SeenExtension) ? File.ReadAllText(path + SeenExtension).Trim() : null;

    public async Task FetchAsync(string name, DataFile file, string path, CancellationToken cancellation)
    {
        var url = options.Mirror is { } mirror ? new Uri(mirror, file.Name) : file.Url;
        if (options.Offline)
            throw new RecipesException(
                $"data {name}: {file.Name} is not in the cache and the network is switched off. Unset RECIPES_OFFLINE, or put {url} into {Path.GetDirectoryName(path)}."
            );
        var part = path + ".part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await ReceiveAsync(url, file, part, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            throw new RecipesException(
                $"{url}: not downloaded ({e.Message.TrimEnd('.')}). Run the command again: it continues where it stopped.",
                e
            );
        }
        var hash = await CheckAsync(url, file, part, cancellation);
        if (file.Sha256 is null)
            AtomicFile.WriteText(path + SeenExtension, hash + "\n");
        File.Move(part, path, overwrite: true);
    }

    private async Task ReceiveAsync(Uri url, DataFile file, string part, CancellationToken cancellation)
    {
        var have = File.Exists(part) ? new FileInfo(part).Length : 0;
        if (have > file.Bytes)
            have = 0;
        if (have == file.Bytes)
            return;
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (have > 0)
            request.Headers.Range = new RangeHeaderValue(have, null);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        // Nothing is left to send: of a file of unknown length all had come.
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && file.Bytes is null)
            return;
        response.EnsureSuccessStatusCode();
        // A server that does not know ranges answers 200 with the whole file; one that answers with another range is not trusted.
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != have)
            have =
                response.StatusCode == HttpStatusCode.PartialContent && have > 0
                    ? throw new HttpRequestException("the server sent another range")
                    : 0;
        var all = file.Bytes ?? have + response.Content.Headers.ContentLength;
        using var target = new FileStream(part, have > 0 ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read);
        using var source = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[1 << 16];
        for (var n = await source.ReadAsync(buffer, cancellation); n > 0; n = await source.ReadAsync(buffer, cancellation))
        {
            await target.WriteAsync(buffer.AsMemory(0, n), cancellation);
            have += n;
            if (have > file.Bytes)
                break;
            options.Progress?.Invoke(file.Name, have, all ?? 0);
        }
        target.Flush(flushToDisk: true);
        if (file.Bytes is null && have < all)
            throw new HttpRequestException($"expected {all} bytes, the connection ended after {have}");
    }

    private static async Task<string> CheckAsync(Uri url, DataFile file, string part, CancellationToken cancellation)
    {
        var length = new FileInfo(part).Length;
        if (length < file.Bytes)
            throw new RecipesException(
                $"{url}: expected {file.Bytes} bytes, the connection ended after {length}. Run the command again: it continues."
            );
        var hash = await HashAsync(part, cancellation);
        if (length == (file.Bytes ?? length) && hash == (file.Sha256 ?? hash))
            return hash;
        File.Delete(part);
        throw new RecipesException(
            $"{url}: expected {file.Bytes?.ToString(CultureInfo.InvariantCulture) ?? "any number of"} bytes with SHA-256 {file.Sha256 ?? "of any value"}, found {length} bytes with {hash}. Nothing was kept; try again, or give another mirror."
        );
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
    }
}
