namespace Recipes.Data;

// What the first bytes of a file say, and what the decoder would not notice.
internal static class ImageSignature
{
    /// <summary>Bytes that are enough to know the format.</summary>
    public const int Length = 12;

    /// <summary>Whether a file begins as one of the formats that are read.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10])
        || head.StartsWith("GIF8"u8)
        || head.StartsWith("BM"u8)
        || head.StartsWith("RIFF"u8) && head.Length >= Length && head[8..].StartsWith("WEBP"u8);

    /// <summary>
    /// Whether a progressive JPEG has no end: each of its scans refines the whole picture, so the decoder takes what has come for a picture.
    /// </summary>
    public static bool IsCutOff(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return false;
        var progressive = false;
        var at = 2;
        while (at + 1 < file.Length)
        {
            var next = file[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= file.Length)
                break;
            at += next + 1;
            var marker = file[at];
            if (marker == 0xD9)
                return false;
            progressive |= marker is 0xC2 or 0xC6 or 0xCA or 0xCE;
            var hasLength = marker is not (0x00 or 0x01 or 0xFF or (>= 0xD0 and <= 0xD8)) && at + 2 < file.Length;
            at +=
                hasLength ? 1 + (file[at + 1] << 8 | file[at + 2])
                : marker == 0xFF ? 0
                : 1;
        }
        return progressive;
    }
}
