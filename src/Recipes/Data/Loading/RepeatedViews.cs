namespace Recipes.Data;

/// <summary>
/// A fixed number of augmentations of each picture, whatever the order: epoch e shows view e mod <paramref name="Count"/>. View v of
/// a picture is what epoch v of a loader with this seed shows.
/// </summary>
/// <param name="Seed">Of the augmentations alone; the loader's own seed orders.</param>
/// <param name="Count">Views of each picture, at least 1.</param>
public sealed record RepeatedViews(long Seed, int Count)
{
    /// <summary>The view that an epoch shows.</summary>
    public int Of(int epoch) => epoch % Count;

    /// <summary>The random numbers of one view of one picture.</summary>
    public Rng Stream(int index, int view) => Augment.Stream(Seed, view, index);
}
