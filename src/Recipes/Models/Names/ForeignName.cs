namespace Recipes.Models;

/// <summary>How another library calls a tensor of a network.</summary>
/// <param name="Name">Its name there; null where it has none, and the network's own value stays.</param>
/// <param name="Transposed">Whether a matrix has rows and columns exchanged there.</param>
/// <param name="Zero">A tensor that the other library has beside it and that must be zero, such as a bias.</param>
public sealed record ForeignName(string? Name, bool Transposed = false, string? Zero = null)
{
    /// <summary>The same behind a prefix.</summary>
    public ForeignName Behind(string prefix) =>
        this with
        {
            Name = Name is null ? null : prefix + Name,
            Zero = Zero is null ? null : prefix + Zero,
        };
}

/// <summary>The names that another library gives to all tensors of a network.</summary>
/// <param name="Library">Such as <c>timm</c>.</param>
/// <param name="Of">From a key of the network's state_dict, train-time or folded.</param>
public sealed record NameScheme(string Library, Func<string, ForeignName> Of);

/// <summary>A network whose weights are also published under other names than the official ones.</summary>
public interface INamedElsewhere
{
    /// <summary>The other libraries' names.</summary>
    IReadOnlyList<NameScheme> NameSchemes { get; }
}
