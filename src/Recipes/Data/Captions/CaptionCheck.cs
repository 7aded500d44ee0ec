namespace Recipes.Data;

/// <summary>Reads every picture and caption of a set once, on all processors.</summary>
internal static class CaptionCheck
{
    /// <summary>A caption is noted as long from so many characters: encoders see 77 tokens, about 300 characters.</summary>
    private const int Long = 2000;

    private const int Small = 32;

    /// <summary>The samples that can be used, in order; problems are added in order.</summary>
    public static IReadOnlyList<int> Usable(ICaptionedSet set, List<SampleProblem> problems, CancellationToken cancellation = default)
    {
        var found = new List<SampleProblem>?[set.Count];
        var bad = new bool[set.Count];
        Parallel.For(
            0,
            set.Count,
            new ParallelOptions { CancellationToken = cancellation },
            i =>
            {
                var own = Of(set, i).ToList();
                (found[i], bad[i]) = (own, own.Exists(p => !p.Kept));
            }
        );
        problems.AddRange(found.SelectMany(f => f ?? []));
        return [.. Enumerable.Range(0, set.Count).Where(i => !bad[i])];
    }

    /// <summary>What is wrong with one sample, and what is to be noted about it.</summary>
    public static IEnumerable<SampleProblem> Of(ICaptionedSet set, int index)
    {
        var key = set.Key(index);
        if (Error(() => ReadImage(set, index)) is { } picture)
            yield return new SampleProblem(set.Name, key, "picture cannot be decoded", picture);
        IReadOnlyList<string> captions = [];
        if (Error(() => captions = set.Captions(index)) is { } text)
            yield return new SampleProblem(set.Name, key, "captions cannot be read", text);
        else
            foreach (var reason in captions.SelectMany(Notes).Distinct())
                yield return new SampleProblem(set.Name, key, reason) { Kept = true };
    }

    // A small decoding reads the whole file too.
    private static void ReadImage(ICaptionedSet set, int index)
    {
        if (set is IPictureFiles files)
        {
            var (name, bytes) = files.Picture(index);
            ImageDecoder.Decode(bytes.Span, name, Small);
        }
        else
            set.Image(index);
    }

    private static IEnumerable<string> Notes(string caption)
    {
        if (string.IsNullOrWhiteSpace(caption))
            yield return "empty caption";
        if (caption.Length >= Long)
            yield return $"caption of {Long:N0} characters or more";
        if (caption.Contains('\uFFFD', StringComparison.Ordinal))
            yield return "replacement characters, from invalid UTF-8";
        if (caption.Any(c => char.IsControl(c) && !char.IsWhiteSpace(c)))
            yield return "control characters";
    }

    private static string? Error(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (RecipesException e)
        {
            return e.Message;
        }
    }
}
