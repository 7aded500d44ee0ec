namespace Recipes.Data;

/// <summary>Fills batches on a thread of its own.</summary>
internal interface IBatchFiller
{
    /// <summary>Fills the slot; stops between two pictures when cancelled.</summary>
    void Fill(BatchSlot slot, CancellationToken cancellation);
}
