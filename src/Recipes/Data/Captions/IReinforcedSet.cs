namespace Recipes.Data;

/// <summary>Captioned pictures with what a reinforced data set stores of each: augmentations, synthetic captions, teachers' embeddings.</summary>
public interface IReinforcedSet : ICaptionedSet
{
    /// <summary>Stored augmentations of each picture; 0 for none.</summary>
    int Views { get; }

    /// <summary>Synthetic captions of each picture; 0 for none.</summary>
    int Synthetics { get; }

    /// <summary>Widths of the teachers' embeddings, which stand one after the other; none where no teacher was asked.</summary>
    IReadOnlyList<int> Widths { get; }

    /// <summary>A stored augmentation.</summary>
    StoredAugmentation View(int index, int view);

    /// <summary>A synthetic caption.</summary>
    string Synthetic(int index, int number);

    /// <summary>The teachers' embeddings of a view, <c>[ΣD_k]</c>; a shorter row takes as much as it holds.</summary>
    void ImageEmbedding(int index, int view, Span<float> row);

    /// <summary>The teachers' embeddings of a caption that came with the picture, <c>[ΣD_k]</c>; a shorter row takes as much as it holds.</summary>
    void TextEmbedding(int index, int caption, Span<float> row);

    /// <summary>The teachers' embeddings of a synthetic caption, <c>[ΣD_k]</c>; a shorter row takes as much as it holds.</summary>
    void SyntheticEmbedding(int index, int number, Span<float> row);
}
