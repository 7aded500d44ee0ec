using System.IO.Compression;

namespace Recipes.Data;

/// <summary>Whole files, gzipped or plain, read with the problem put into words instead of thrown.</summary>
internal static class PackedFile
{
    // No data set here comes near this; a small file that unpacks to more is not one of them.
    private const int Most = 1 << 30;

    /// <summary>This file or its gzipped form, whichever exists; null when neither does.</summary>
    public static string? Find(string folder, string name)
    {
        var plain = Path.Combine(folder, name);
        return File.Exists(plain) ? plain
            : File.Exists(plain + ".gz") ? plain + ".gz"
            : null;
    }

    /// <summary>The unpacked bytes, or null after adding a problem.</summary>
    public static byte[]? Read(string path, List<string> problems)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
                ? new GZipStream(file, CompressionMode.Decompress)
                : (Stream)file;
            using var bytes = new MemoryStream();
            var buffer = new byte[1 << 16];
            for (var n = stream.Read(buffer); n > 0; n = stream.Read(buffer))
            {
                bytes.Write(buffer, 0, n);
                if (bytes.Length > Most)
                    throw new InvalidDataException("it unpacks to more than 1 GiB");
            }
            if (file.Length == 0)
                throw new InvalidDataException("the file is empty");
            return bytes.ToArray();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            problems.Add($"{path}: cannot be read ({e.Message.TrimEnd('.')})");
            return null;
        }
    }
}
