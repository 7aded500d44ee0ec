using System.Text.RegularExpressions;

namespace Recipes.Data;

// The tokenizers of GPT-2's family: added tokens are cut out (the longest first), the rest is normalised (NFC), split into words by a pattern,
// and each word is byte-pair encoded.
internal sealed class ByteLevelText(Vocabulary vocabulary, Regex pattern)
{
    private readonly RuneMatcher _words = new(pattern);
    private readonly Dictionary<string, int> _ids = Ids(vocabulary.Added);
    private readonly Regex? _special = Alternatives(vocabulary.Added.Where(a => a is { Normalized: false, Special: true }));
    private readonly Regex? _plain = Alternatives(vocabulary.Added.Where(a => a is { Normalized: false, Special: false }));
    private readonly Regex? _both = Alternatives(vocabulary.Added.Where(a => !a.Normalized));
    private readonly Regex? _normalized = Alternatives(vocabulary.Added.Where(a => a.Normalized));

    public BytePairs Pairs { get; } = new(vocabulary);

    public List<int> Encode(string text, bool special)
    {
        var ids = new List<int>(text.Length / 3 + 1);
        Cut(
            text,
            special && _special is not null ? _both : _plain,
            ids,
            part => Cut(NormalForm.Compose(part), _normalized, ids, words => Words(words, ids))
        );
        return ids;
    }

    private void Words(string text, List<int> ids)
    {
        foreach (var word in _words.Matches(text))
            Pairs.Encode(text.AsSpan()[word], ids);
    }

    // The ids of the tokens that the expression finds, and whatever `between` does with what lies between them.
    private void Cut(string text, Regex? tokens, List<int> ids, Action<string> between)
    {
        if (tokens is null)
        {
            between(text);
            return;
        }
        var start = 0;
        for (var match = tokens.Match(text); match.Success; match = match.NextMatch())
        {
            if (match.Index > start)
                between(text[start..match.Index]);
            ids.Add(_ids[match.Value]);
            start = match.Index + match.Length;
        }
        if (start < text.Length)
            between(text[start..]);
    }

    private static Dictionary<string, int> Ids(IEnumerable<AddedToken> added)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in added)
            ids[token.Text] = token.Id;
        return ids;
    }

    private static Regex? Alternatives(IEnumerable<AddedToken> tokens)
    {
        var texts = tokens.Select(t => t.Text).OrderByDescending(t => t.Length).Select(Regex.Escape).ToList();
        return texts.Count == 0 ? null : new Regex(string.Join('|', texts), RegexOptions.CultureInvariant);
    }
}
