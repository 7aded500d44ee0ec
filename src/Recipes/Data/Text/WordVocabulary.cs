namespace Recipes.Data;

/// <summary>
/// A small vocabulary for CLIP's tokenizer: all bytes, and merges that make one token of each given word. Other text falls into pieces, so nothing is
/// unknown.
/// </summary>
internal static class WordVocabulary
{
    private const string End = "</w>";

    /// <summary>Builds the vocabulary; ids of bytes come first, then pieces and words in the order of their merges.</summary>
    public static Vocabulary Of(string name, IEnumerable<string> words)
    {
        var tokens = ByteAlphabet.Ordered.Select(c => c.ToString()).ToList();
        tokens.AddRange(tokens.Select(t => t + End).ToList());
        var known = tokens.Select((token, id) => (token, id)).ToDictionary(t => t.token, t => t.id, StringComparer.Ordinal);
        var ranks = new Dictionary<(string, string), int>();
        var merges = new List<string>();
        foreach (var word in words)
        {
            // What earlier merges leave of the word is joined from the left. Later merges come last, so earlier words stay as they are.
            var pieces = Merged(Letters(word), ranks);
            while (pieces.Count > 1)
            {
                ranks[(pieces[0], pieces[1])] = ranks.Count;
                merges.Add($"{pieces[0]} {pieces[1]}");
                pieces[0] += pieces[1];
                pieces.RemoveAt(1);
                known.TryAdd(pieces[0], known.Count);
            }
        }
        return new Vocabulary(name, known, merges, []);
    }

    private static List<string> Letters(string word)
    {
        var letters = ByteAlphabet.Write(word).Select(c => c.ToString()).ToList();
        letters[^1] += End;
        return letters;
    }

    private static List<string> Merged(List<string> pieces, Dictionary<(string, string), int> ranks)
    {
        while (true)
        {
            var best = Enumerable
                .Range(0, pieces.Count - 1)
                .Where(i => ranks.ContainsKey((pieces[i], pieces[i + 1])))
                .OrderBy(i => ranks[(pieces[i], pieces[i + 1])])
                .Select(i => (int?)i)
                .FirstOrDefault();
            if (best is not { } at)
                return pieces;
            pieces[at] += pieces[at + 1];
            pieces.RemoveAt(at + 1);
        }
    }
}
