namespace Recipes.Data;

/// <summary>What reading a whole split found.</summary>
/// <param name="Name">Source and split.</param>
/// <param name="Count">Pictures.</param>
/// <param name="Classes">Class names.</param>
/// <param name="PerClass">Pictures of each class.</param>
public sealed record SplitReport(string Name, int Count, IReadOnlyList<string> Classes, IReadOnlyList<int> PerClass);

/// <summary>What <c>recipes data verify</c> found.</summary>
/// <param name="Name">The data set.</param>
/// <param name="Splits">The splits that could be opened.</param>
/// <param name="Problems">Everything wrong, one line each; empty when all is well.</param>
public sealed record DataReport(string Name, IReadOnlyList<SplitReport> Splits, IReadOnlyList<string> Problems)
{
    /// <summary>True when nothing is wrong.</summary>
    public bool Good => Problems.Count == 0;

    /// <summary>The report as a few lines of text.</summary>
    public override string ToString() =>
        string.Join(
            '\n',
            [
                .. Splits.Select(s =>
                    $"{s.Name}: {s.Count} pictures, {s.Classes.Count} classes, {s.PerClass.Min()} to {s.PerClass.Max()} a class"
                ),
                .. Problems.Select(p => "problem: " + p),
                $"{Name}: {(Good ? "good" : $"{Problems.Count} problem{(Problems.Count == 1 ? "" : "s")}")}",
            ]
        );
}

/// <summary>Reads a whole data set and reports everything that is wrong with it.</summary>
public static class DataCheck
{
    private const int MostProblems = 50;

    /// <summary>Opens both splits and decodes every picture at its training size.</summary>
    /// <param name="source">The data set.</param>
    /// <param name="roots">Where to look; null for the default.</param>
    public static DataReport Verify(ImageSource source, DataRoots? roots = null)
    {
        var (splits, problems) = (new List<SplitReport>(), new List<string>());
        foreach (var split in Enum.GetValues<Split>())
        {
            try
            {
                var set = source.Open(split, roots);
                splits.Add(new SplitReport(set.Name, set.Count, set.Classes, set.CountByClass()));
                ReadAll(set, problems);
            }
            catch (RecipesException e)
            {
                problems.AddRange(e.Message.Split('\n').Select(line => line.Trim()));
            }
        }
        return new DataReport(source.Name, splits, [.. problems.Distinct(StringComparer.Ordinal)]);
    }

    private static void ReadAll(IImageSet set, List<string> problems)
    {
        const int size = 32;
        var rgb = new byte[3 * size * size];
        for (var i = 0; i < set.Count && problems.Count < MostProblems; i++)
        {
            try
            {
                set.Read(i, size, rgb);
            }
            catch (RecipesException e)
            {
                problems.Add(e.Message);
            }
        }
    }
}
