namespace Recipes.Data;

/// <summary>Reads, augments and normalises the pictures of a batch. Each worker has its own.</summary>
internal sealed class BatchFiller(ImageLoader loader, int epoch)
{
    private readonly ImageCanvas _canvas = new();
    private readonly float[] _table = loader.Normalization.Table();
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
            Normalize(_canvas.Pixels, images.Slice(i * length, length));
        }
    }

    private void Normalize(ReadOnlySpan<byte> pixels, Span<float> target)
    {
        ReadOnlySpan<float> red = _table.AsSpan(0, 256);
        ReadOnlySpan<float> green = _table.AsSpan(256, 256);
        ReadOnlySpan<float> blue = _table.AsSpan(512, 256);
        var area = pixels.Length / 3;
        if (loader.ChannelsLast)
        {
            for (var i = 0; i < pixels.Length; i += 3)
                (target[i], target[i + 1], target[i + 2]) = (red[pixels[i]], green[pixels[i + 1]], blue[pixels[i + 2]]);
            return;
        }
        var r = target[..area];
        var g = target.Slice(area, area);
        var b = target.Slice(2 * area, area);
        for (var i = 0; i < area; i++)
            (r[i], g[i], b[i]) = (red[pixels[3 * i]], green[pixels[3 * i + 1]], blue[pixels[3 * i + 2]]);
    }
}
