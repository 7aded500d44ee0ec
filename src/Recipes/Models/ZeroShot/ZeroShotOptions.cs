namespace Recipes.Models;

/// <summary>How zero-shot classification is done.</summary>
public sealed record ZeroShotOptions
{
    /// <summary>Sentences with <c>{}</c> for each class; the mean of their embeddings, normalised again, is the class.</summary>
    /// <value>Default: the classes are whole captions already.</value>
    public IReadOnlyList<string> Templates { get; init; } = ClipTemplates.None;

    /// <summary>Images in one pass.</summary>
    /// <value>Default 32.</value>
    public int Batch { get; init; } = 32;

    /// <summary>Captions in one pass.</summary>
    /// <value>Default 256.</value>
    public int TextBatch { get; init; } = 256;

    internal void Check()
    {
        var problems = new List<string>();
        if (Templates.Count == 0)
            problems.Add("Templates: expected at least one, found none");
        problems.AddRange(Templates.Where(t => !t.Contains("{}")).Select(t => $"Templates: '{t}' has no {{}} for the class name"));
        if (Batch < 1)
            problems.Add($"Batch: expected at least 1, found {Batch}");
        if (TextBatch < 1)
            problems.Add($"TextBatch: expected at least 1, found {TextBatch}");
        RecipesException.ThrowIfAny("zero-shot classification cannot be done so:", problems);
    }
}
