using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// Tensors of one dtype laid end to end in one buffer, of which they become views: an optimizer step, an average or a norm
/// over a whole network is then a few native calls instead of a few thousand (MobileOne-S0 trains 712 parameters).
/// The padding between members is zero and stays zero.
/// </summary>
internal sealed class FlatGroup : IDisposable
{
    // One cache line of float32, so that each member starts aligned.
    private const long Alignment = 16;

    public FlatGroup(string name, bool decays, IReadOnlyList<(string Name, Tensor Tensor)> members)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        (Name, Decays, Members) = (name, decays, members);
        var trains = members[0].Tensor.requires_grad;
        var like = members[0].Tensor;
        var length = members.Sum(m => Padded(m.Tensor.numel()));
        Values = zeros(length, like.dtype, like.device).DetachFromDisposeScope();
        Gradients = trains ? zeros(length, like.dtype, like.device).DetachFromDisposeScope() : null;
        // Half-precision weights step in float32 and are rounded once.
        var half = like.dtype is ScalarType.BFloat16 or ScalarType.Float16;
        Master = half && trains ? zeros(length, ScalarType.Float32, like.device).DetachFromDisposeScope() : Values;

        long offset = 0;
        foreach (var (_, member) in members)
        {
            var view = View(Values, member, offset);
            view.copy_(member);
            member.set_(view);
            if (Gradients is not null)
                member.grad = View(Gradients, member, offset).DetachFromDisposeScope();
            offset += Padded(member.numel());
        }
        if (half && trains)
            Master.copy_(Values);
    }

    /// <summary>The group's name in checkpoints.</summary>
    public string Name { get; }

    /// <summary>Whether weight decay applies.</summary>
    public bool Decays { get; }

    /// <summary>Factor on the learning rate.</summary>
    public double Rate { get; init; } = 1;

    public IReadOnlyList<(string Name, Tensor Tensor)> Members { get; }

    /// <summary>What the members are views of.</summary>
    public Tensor Values { get; }

    /// <summary>What the optimizer steps on: the values, or a float32 copy of half-precision values.</summary>
    public Tensor Master { get; }

    /// <summary>The gradients, null for buffers.</summary>
    public Tensor? Gradients { get; }

    /// <summary>Rounds the stepped copy into half-precision values.</summary>
    public void Publish()
    {
        if (!ReferenceEquals(Master, Values))
            Values.copy_(Master);
    }

    /// <summary>A tensor of this group's length as named views, for checkpoints and snapshots.</summary>
    public IEnumerable<(string Name, Tensor View)> Split(Tensor flat)
    {
        long offset = 0;
        foreach (var (name, member) in Members)
        {
            yield return (name, View(flat, member, offset));
            offset += Padded(member.numel());
        }
    }

    /// <summary>Members keep their values (a view keeps its storage); gradients are let go.</summary>
    public void Dispose()
    {
        foreach (var (_, member) in Members.Where(m => Gradients is not null && !m.Tensor.IsInvalid))
        {
            using var grad = member.grad;
            member.grad = null;
        }
        if (!ReferenceEquals(Master, Values))
            Master.Dispose();
        Values.Dispose();
        Gradients?.Dispose();
    }

    // Dense strides are kept, so that weights laid out with channels innermost stay so.
    private static Tensor View(Tensor flat, Tensor member, long offset) =>
        member.is_contiguous()
            ? flat.narrow(0, offset, member.numel()).view(member.shape)
            : flat.as_strided(member.shape, member.stride(), offset);

    private static long Padded(long count) => (count + Alignment - 1) / Alignment * Alignment;
}
