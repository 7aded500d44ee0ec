namespace Recipes.Data;

/// <summary>What is wrong with one sample of a data set, or with the file that holds samples.</summary>
/// <param name="Source">The file.</param>
/// <param name="Sample">Its key, line or member; empty where the file itself is meant.</param>
/// <param name="Reason">The kind of problem in a few words, by which problems are counted.</param>
/// <param name="Detail">What was expected and found, and the repair; may be empty.</param>
public sealed record SampleProblem(string Source, string Sample, string Reason, string Detail = "")
{
    /// <summary>Problems shown in an error before the rest is only counted.</summary>
    internal const int MostShown = 20;

    /// <summary>True for what is only noted: the sample is used.</summary>
    public bool Kept { get; init; }

    /// <summary>All in one line.</summary>
    public override string ToString() =>
        $"{Source}{(Sample.Length > 0 ? $": {Sample}" : "")}: {Reason}{(Detail.Length > 0 ? $" ({Detail.TrimEnd('.')})" : "")}";

    /// <summary>Throws all problems as one error, the first twenty in full.</summary>
    internal static void ThrowIfAny(string heading, IReadOnlyList<SampleProblem> problems)
    {
        var lines = problems.Take(MostShown).Select(p => p.ToString()).ToList();
        if (problems.Count > MostShown)
            lines.Add($"… and {problems.Count - MostShown:N0} more");
        RecipesException.ThrowIfAny(heading, lines);
    }
}

/// <summary>What to do about samples that cannot be used.</summary>
public enum BadSamples
{
    /// <summary>Opening or reading fails with an error that names them.</summary>
    Stop,

    /// <summary>They are left out, and the set's <see cref="SampleReport"/> counts them by reason. Opening reads every sample once.</summary>
    Skip,
}
