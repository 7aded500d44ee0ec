namespace Recipes.Layers;

/// <summary>
/// A block with a train-time form of several branches and a folded form of one convolution that computes the same in
/// evaluation mode. Users call the verb <c>Reparameterize</c>, which works on a copy; <see cref="Fold"/> is its last step.
/// </summary>
public interface IReparameterizable
{
    /// <summary>Whether the block already is in its folded form.</summary>
    bool IsFolded { get; }

    /// <summary>Replaces the branches by their sum, in place. Does nothing when folded already.</summary>
    void Fold();
}
