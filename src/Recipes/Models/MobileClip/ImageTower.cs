using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// An image network one level down, under `model`, where the checkpoints of MobileCLIP and FastVLM hold it.
internal sealed class ImageTower : Module<Tensor, Tensor>
{
    [ComponentName(Name = "model")]
    private readonly Module<Tensor, Tensor> _model;

    public ImageTower(ModelSpec spec)
        : base(nameof(ImageTower))
    {
        _model = spec.BuildPart();
        RegisterComponents();
    }

    public Module<Tensor, Tensor> Model => _model;

    public override Tensor forward(Tensor input) => _model.call(input);
}
