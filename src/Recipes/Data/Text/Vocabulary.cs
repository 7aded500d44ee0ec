namespace Recipes.Data;

/// <summary>A token that is looked for in the text itself, before byte-pair encoding.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Id">Its id.</param>
/// <param name="Special">Whether it is a mark for the model, not text.</param>
/// <param name="Normalized">Whether it is looked for after Unicode normalisation.</param>
internal sealed record AddedToken(string Text, int Id, bool Special = true, bool Normalized = false);

/// <summary>What a byte-pair tokenizer knows: ids of tokens, merges in order of rank ("a b"), added tokens.</summary>
internal sealed record Vocabulary(
    string Source,
    IReadOnlyDictionary<string, int> Tokens,
    IReadOnlyList<string> Merges,
    IReadOnlyList<AddedToken> Added
)
{
    /// <summary>With these special tokens: those that the vocabulary has keep their ids, the others come behind all.</summary>
    public Vocabulary WithSpecial(params string[] names)
    {
        var added = Added.ToList();
        var next = Math.Max(Tokens.Values.Max(), added.Select(a => a.Id).DefaultIfEmpty(0).Max()) + 1;
        foreach (var name in names.Where(n => added.All(a => a.Text != n)))
            added.Add(new AddedToken(name, Tokens.TryGetValue(name, out var id) ? id : next++));
        return this with { Added = added };
    }

    /// <summary>The id of a special token.</summary>
    /// <exception cref="RecipesException">There is none of this name.</exception>
    public int Special(string name) =>
        Added.FirstOrDefault(a => a.Text == name)?.Id
        ?? throw new RecipesException($"{Source}: has no token {name}. This is the vocabulary of another tokenizer.");

    /// <summary>Refuses a vocabulary that cannot encode every text.</summary>
    /// <param name="suffix">What ends a word, such as CLIP's <c>&lt;/w&gt;</c>.</param>
    /// <exception cref="RecipesException">Bytes without a token, merges of or to unknown tokens, ids that are used twice or out of range.</exception>
    public void Check(string suffix)
    {
        var problems = new List<string>();
        // These never occur in UTF-8, and GPT-NeoX has no tokens for them.
        foreach (var b in Enumerable.Range(0, 256).Where(b => b is not (0xC0 or 0xC1 or >= 0xF5)))
        {
            var token = ByteAlphabet.Of((byte)b).ToString();
            if (!Tokens.ContainsKey(token) || !Tokens.ContainsKey(token + suffix))
                problems.Add($"byte 0x{b:x2} has no token '{token}'{(suffix.Length > 0 ? $" or '{token}{suffix}'" : "")}");
        }
        foreach (var merge in Merges)
        {
            var parts = merge.Split(' ');
            if (
                parts.Length != 2
                || !Tokens.ContainsKey(parts[0])
                || !Tokens.ContainsKey(parts[1])
                || !Tokens.ContainsKey(parts[0] + parts[1])
            )
                problems.Add($"merge '{merge}' is not two known tokens that make a third");
        }
        foreach (var (token, id) in Tokens.Where(t => t.Value is < 0 or >= 1 << 24))
            problems.Add($"token '{token}' has id {id}, expected 0 to {(1 << 24) - 1}");
        foreach (var twice in Tokens.GroupBy(t => t.Value).Where(g => g.Count() > 1))
            problems.Add($"id {twice.Key} is that of '{twice.First().Key}' and of '{twice.Last().Key}'");
        var shown = problems.Count > 5 ? [.. problems.Take(5), $"and {problems.Count - 5} more"] : problems;
        RecipesException.ThrowIfAny(
            $"{Source}: no vocabulary of byte-level byte-pair encoding{(suffix.Length > 0 ? " like CLIP's" : "")}:",
            shown
        );
    }
}
