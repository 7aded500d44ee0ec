namespace Recipes.Weights;

/// <summary>The one error for a checkpoint that cannot be used.</summary>
internal static class PyTorchError
{
    public static RecipesException Bad(string path, string problem, Exception? inner = null)
    {
        var problems = new ProblemList();
        problems.Add(problem);
        return new RecipesException(
            $"{path} is not a usable PyTorch checkpoint (nothing was run or read); get or write it again:",
            problems.Lines,
            inner
        );
    }
}
