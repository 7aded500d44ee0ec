namespace Recipes.Models;

/// <summary>What stands behind the last features of a <see cref="FastVit"/>.</summary>
public enum FastVitHead
{
    /// <summary>Spatial mean, then a linear layer with bias: logits (key <c>head</c>).</summary>
    Classifier,

    /// <summary>Spatial mean, then a matrix without bias: an embedding (key <c>head.proj</c>, <c>[C, D]</c>), as MobileCLIP and FastVLM have it.</summary>
    Projection,

    /// <summary>Spatial mean, then a linear layer with bias: an embedding (key <c>head.fc</c>), as MobileCLIP2 has it.</summary>
    Embedding,
}
