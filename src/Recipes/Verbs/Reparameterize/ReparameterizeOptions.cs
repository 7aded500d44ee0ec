namespace Recipes.Verbs;

/// <summary>How <c>Reparameterize</c> folds and checks.</summary>
public sealed record ReparameterizeOptions
{
    /// <summary>Path of the part to fold, for example <c>stage1</c> or <c>stage3.4</c>; null folds everything.</summary>
    public string? Part { get; init; }

    /// <summary>
    /// Largest allowed difference on the probe batch, relative to the largest output of the original. Null: 1e-4 for float32
    /// and lower, 1e-10 for float64.
    /// </summary>
    public double? Tolerance { get; init; }

    /// <summary>Shape of the probe batch; null: the module's own small probe (two images of 64 pixels for a network).</summary>
    public IReadOnlyList<long>? Probe { get; init; }
}
