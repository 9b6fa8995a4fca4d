import './app.js';
import './map/mapStage.js';
import './map/mapView.js';
import './pairs/pairDetail.js';
import './pairs/pairList.js';
import './pairs/pairsView.js';
import './plots/plotsView.js';
import './result/resultPage.js';
import './run/runView.js';
import './setup/form.js';
import './subset/evaluationView.js';
import './subset/subsetView.js';
import './subset/summaryView.js';
import { documentStyles } from './styles/document.js';
import { registerToolkit } from './toolkit.js';

registerToolkit();
if (documentStyles.styleSheet) document.adoptedStyleSheets.push(documentStyles.styleSheet);
