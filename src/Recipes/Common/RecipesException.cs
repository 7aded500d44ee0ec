namespace Recipes;

/// <summary>
/// Something the user can mend: wrong usage, a bad file, a value out of range. The message names the place, what was
/// expected, what was found and the repair; several problems are reported together. The command exits with 2.
/// </summary>
public class RecipesException : Exception
{
    /// <summary>One problem.</summary>
    public RecipesException(string problem)
        : this(problem, [], null) { }

    /// <summary>One problem with the error that caused it.</summary>
    public RecipesException(string problem, Exception? inner)
        : this(problem, [], inner) { }

    /// <summary>A heading and one line for each problem.</summary>
    public RecipesException(string heading, IReadOnlyList<string> problems, Exception? inner = null)
        : base(problems.Count == 0 ? heading : heading + "\n" + string.Join('\n', problems.Select(p => "  " + p)), inner)
    {
        Problems = problems.Count == 0 ? [heading] : problems;
    }

    /// <summary>The problems, one line each.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Throws when there is any problem, all of them in one error.</summary>
    public static void ThrowIfAny(string heading, IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
            throw new RecipesException(heading, problems);
    }
}
