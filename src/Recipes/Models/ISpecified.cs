namespace Recipes.Models;

/// <summary>A network that knows what it was built from.</summary>
public interface ISpecified
{
    /// <summary>What the network was built from.</summary>
    ModelSpec Spec { get; }
}
