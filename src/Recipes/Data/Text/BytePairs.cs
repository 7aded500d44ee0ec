using System.Collections.Concurrent;
using Microsoft.ML.Tokenizers;

namespace Recipes.Data;

// Byte-pair encoding of single words, by Microsoft.ML.Tokenizers; bytes as characters, the end of a word and the way back are here.
internal sealed class BytePairs
{
    /// <summary>Bytes. The encoder's time grows with the square of a word's length: a word of a million letters would take a minute.</summary>
    private const int LongestWord = 8192;

    // Most words of a text are words seen before. So many are kept, the first that come, and none that is long.
    private const int MostKnown = 1 << 16;
    private const int LongestKnown = 24;

    private readonly ConcurrentDictionary<string, int[]> _known = new(StringComparer.Ordinal);
    private int _count;
    private readonly BpeTokenizer _encoder;
    private readonly ReadOnlyMemory<byte>[] _bytes;

    public BytePairs(Vocabulary vocabulary, string suffix = "")
    {
        vocabulary.Check(suffix);
        _encoder = BpeTokenizer.Create(
            new BpeOptions(vocabulary.Tokens) { Merges = vocabulary.Merges, EndOfWordSuffix = suffix.Length > 0 ? suffix : null }
        );
        Count = Math.Max(vocabulary.Tokens.Values.Max(), vocabulary.Added.Select(a => a.Id).DefaultIfEmpty(0).Max()) + 1;
        _bytes = new ReadOnlyMemory<byte>[Count];
        Array.Fill(_bytes, "\uFFFD"u8.ToArray());
        foreach (var (token, id) in vocabulary.Tokens)
            _bytes[id] =
                suffix.Length > 0 && token.EndsWith(suffix, StringComparison.Ordinal)
                    ? (byte[])[.. ByteAlphabet.Read(token[..^suffix.Length]), (byte)' ']
                    : ByteAlphabet.Read(token);
        foreach (var added in vocabulary.Added)
            _bytes[added.Id] = added.Special ? default : System.Text.Encoding.UTF8.GetBytes(added.Text);
    }

    /// <summary>One more than the largest id.</summary>
    public int Count { get; }

    /// <summary>Appends the ids of one word. One of more than <see cref="LongestWord"/> bytes is encoded in pieces.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> ids)
    {
        if (_known.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out var known))
        {
            ids.AddRange(known.AsSpan());
            return;
        }
        var before = ids.Count;
        var bytes = ByteAlphabet.Write(word);
        for (var start = 0; start < bytes.Length; start += LongestWord)
        {
            var piece = bytes.Length <= LongestWord ? bytes : bytes.Substring(start, Math.Min(LongestWord, bytes.Length - start));
            ids.AddRange(_encoder.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false));
        }
        if (word.Length <= LongestKnown && _count < MostKnown && Interlocked.Increment(ref _count) <= MostKnown)
            _known[word.ToString()] = [.. ids[before..]];
    }

    /// <summary>The bytes of an id; none for special tokens, U+FFFD for ids of no token.</summary>
    public ReadOnlyMemory<byte> Bytes(int id) => id >= 0 && id < Count ? _bytes[id] : "\uFFFD"u8.ToArray();

    /// <summary>The text of ids.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        var all = new MemoryStream();
        foreach (var id in ids)
            all.Write(Bytes(id).Span);
        return System.Text.Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
    }
}
