using System.Security.Cryptography;

namespace Recipes.Notebook.Documents;

/// <summary>
/// A file whose layout our writer would not repeat, kept so that an unchanged document is written as it was read.
/// </summary>
/// <param name="Extension">The format that it holds.</param>
/// <param name="Bytes">The whole file.</param>
/// <param name="Fingerprint">SHA-256 of what our writer makes of the unchanged document.</param>
internal sealed record OriginalFile(string Extension, byte[] Bytes, byte[] Fingerprint)
{
    /// <summary>The original, or null when the writer repeats it byte by byte anyway.</summary>
    public static OriginalFile? Of(string extension, byte[] bytes, Action<Stream> write)
    {
        var fingerprint = Hash(write);
        return fingerprint.AsSpan().SequenceEqual(SHA256.HashData(bytes)) ? null : new(extension, bytes, fingerprint);
    }

    /// <summary>Whether the writer still makes the same of the document.</summary>
    public bool IsUnchanged(string extension, Action<Stream> write) =>
        extension == Extension && Hash(write).AsSpan().SequenceEqual(Fingerprint);

    private static byte[] Hash(Action<Stream> write)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
            write(stream);
        return hash.Hash!;
    }
}
