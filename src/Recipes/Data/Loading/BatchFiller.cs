namespace Recipes.Data;

/// <summary>Reads, augments and normalises the pictures of a batch. Each worker has its own.</summary>
internal sealed class BatchFiller(ImageLoader loader, int epoch) : IBatchFiller
{
    private readonly ImageCanvas _canvas = new();
    private readonly PixelTable _table = new(loader.Normalization, loader.ChannelsLast);
    private readonly int _readSize = loader.Augment.ReadSize(loader.Size);

    /// <summary>Fills the slot; stops between two pictures when cancelled.</summary>
    public void Fill(BatchSlot slot, CancellationToken cancellation)
    {
        var images = slot.Images;
        var labels = slot.Labels;
        var length = 3 * loader.Size * loader.Size;
        for (var i = 0; i < slot.Indices.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var index = slot.Indices[i];
            labels[i] = loader.Set.Label(index);
            _canvas.Start(_readSize, loader.Size);
            loader.Set.Read(index, _readSize, _canvas.Pixels);
            var rng = loader.Views is { } views ? views.Stream(index, views.Of(epoch)) : Augment.Stream(loader.Seed, epoch, index);
            loader.Augment.Apply(_canvas, ref rng);
            _table.Normalize(_canvas.Pixels, images.Slice(i * length, length));
        }
    }
}
