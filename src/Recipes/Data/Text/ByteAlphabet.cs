using System.Text;

namespace Recipes.Data;

// GPT-2's way of writing bytes as visible characters: printable Latin-1 stands for itself, the other 68 bytes for U+0100 onward, in order.
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Build();
    private static readonly Dictionary<char, byte> Values = Enumerable.Range(0, 256).ToDictionary(b => Characters[b], b => (byte)b);

    /// <summary>The characters in the order of CLIP's vocabulary: those that stand for themselves, then the others.</summary>
    public static IEnumerable<char> Ordered => Characters.Order().Where(c => c < 256).Concat(Characters.Where(c => c >= 256));

    /// <summary>The character of a byte.</summary>
    public static char Of(byte value) => Characters[value];

    /// <summary>The UTF-8 bytes of a text, one character each.</summary>
    public static string Write(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = text.Length <= 256 ? stackalloc byte[3 * text.Length] : new byte[3 * text.Length];
        var count = Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(count, bytes[..count], (target, source) => Write(source, target));
    }

    /// <summary>The bytes of a token; those of its characters that stand for none are kept as UTF-8 (added tokens are plain text).</summary>
    public static byte[] Read(string token)
    {
        if (token.All(Values.ContainsKey))
            return [.. token.Select(c => Values[c])];
        return Encoding.UTF8.GetBytes(token);
    }

    private static void Write(ReadOnlySpan<byte> source, Span<char> target)
    {
        for (var i = 0; i < source.Length; i++)
            target[i] = Characters[source[i]];
    }

    private static char[] Build()
    {
        var next = 256;
        return
        [
            .. Enumerable.Range(0, 256).Select(b => b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)b : (char)next++),
        ];
    }
}
